mock_resource "azurerm_resource_group_template_deployment" {
  defaults = {
    output_content = <<-EOT
      {
        "id": {"type": "String", "value": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shop/providers/Microsoft.Cache/redisEnterprise/shop"},
        "url": {"type": "String", "value": "https://shop.vault.azure.net/secrets/database-url"}
      }
    EOT
  }
}
