"""What posts are called among the things that approval chains are for; and those that correct what is live."""

POST = "post"
CORRECTION = "correction"
