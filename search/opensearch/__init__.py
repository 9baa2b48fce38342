"""The cluster engine: the same requests and answers over OpenSearch."""
