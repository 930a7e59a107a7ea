mock_resource "aws_memorydb_cluster" {
  defaults = {
    arn = "arn:aws:memorydb:eu-central-1:123456789012:cluster/shop"
    cluster_endpoint = [{
      address = "clustercfg.shop.abcdef.memorydb.eu-central-1.amazonaws.com"
      port    = 6379
    }]
  }
}
