"""What posts are called among the things that approval chains are for."""

POST = "post"
