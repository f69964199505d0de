"""The pages that readers open: without an account, without a cookie, without a script."""
