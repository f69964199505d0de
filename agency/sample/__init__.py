"""Studio Filo, the agency that a newcomer finds: three clients that look alive, and a month of their posts.

The clients' names, words and pictures are our own and invented. What is told here is data; ``telling`` plays it through
the services, so that the evidence is as true as that of any other agency.
"""
