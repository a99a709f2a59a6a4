"""What a flow calls over HTTP: declared fields, signatures, the client that retries, a sample back office."""
