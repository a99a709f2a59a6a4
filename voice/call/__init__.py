"""One call: the session (the only shell), turn-taking, holding in the queue, and the recorder."""
