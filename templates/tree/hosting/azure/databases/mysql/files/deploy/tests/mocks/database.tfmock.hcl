mock_resource "azurerm_mysql_flexible_server" {
  defaults = {
    id   = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shop/providers/Microsoft.DBforMySQL/flexibleServers/shop"
    fqdn = "shop.mysql.database.azure.com"
  }
}
