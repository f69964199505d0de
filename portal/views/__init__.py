"""What the clients' people see."""
