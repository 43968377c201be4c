"""The function in real processes against AWS's DynamoDB Local and ElasticMQ, with kills and faults."""
