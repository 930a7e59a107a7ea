mock_resource "aws_db_instance" {
  defaults = {
    arn      = "arn:aws:rds:eu-central-1:123456789012:db:shop"
    address  = "shop.abcdefghijkl.eu-central-1.rds.amazonaws.com"
    endpoint = "shop.abcdefghijkl.eu-central-1.rds.amazonaws.com:3306"
  }
}
