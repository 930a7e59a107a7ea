mock_resource "azurerm_mongo_cluster" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shop/providers/Microsoft.DocumentDB/mongoClusters/shop"
  }
}
