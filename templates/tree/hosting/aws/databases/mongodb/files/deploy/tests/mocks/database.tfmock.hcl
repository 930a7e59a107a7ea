mock_resource "aws_docdb_cluster" {
  defaults = {
    arn      = "arn:aws:rds:eu-central-1:123456789012:cluster:shop"
    endpoint = "shop.cluster-abcdefghijkl.eu-central-1.docdb.amazonaws.com"
  }
}

mock_resource "aws_docdb_cluster_instance" {
  defaults = {
    port = 27017
  }
}
