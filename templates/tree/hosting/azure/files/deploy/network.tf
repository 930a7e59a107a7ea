locals {
  # Names of registries, vaults and servers are unique in the world, and as short as 24 characters.
  unique_name = "${substr(replace(var.name, "-", ""), 0, 14)}${substr(sha256("${var.subscription_id}/${var.name}"), 0, 8)}"

  tags = {
    application = var.name
    managed-by  = "terraform"
  }
}

resource "azurerm_resource_group" "main" {
  name     = var.name
  location = var.location
  tags     = local.tags
}

resource "azurerm_virtual_network" "main" {
  name                = var.name
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  address_space       = ["10.0.0.0/16"]
  tags                = local.tags
}

resource "azurerm_subnet" "service" {
  name                 = "service"
  resource_group_name  = azurerm_resource_group.main.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["10.0.0.0/23"]

  delegation {
    name = "container-apps"

    service_delegation {
      name    = "Microsoft.App/environments"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}
