mock_resource "azurerm_managed_redis" {
  defaults = {
    id       = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shop/providers/Microsoft.Cache/redisEnterprise/shop"
    hostname = "shop.westeurope.redis.azure.net"

    default_database = {
      port               = 10000
      primary_access_key = "drawn+by/azure="
    }
  }
}
