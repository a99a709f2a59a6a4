"""What is known of a caller from earlier calls, who they proved to be, and going on after a cut call."""
