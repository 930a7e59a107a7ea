mock_resource "azurerm_postgresql_flexible_server" {
  defaults = {
    id   = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shop/providers/Microsoft.DBforPostgreSQL/flexibleServers/shop"
    fqdn = "shop.postgres.database.azure.com"
  }
}
