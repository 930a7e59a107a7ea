variable "database_sku" {
  description = "Size of the database server."
  type        = string
  default     = "Balanced_B0"

  validation {
    condition     = can(regex("^(Balanced_B|ComputeOptimized_X|MemoryOptimized_M)[0-9]+$", var.database_sku))
    error_message = "Managed Redis' sizes have names such as Balanced_B0."
  }
}

variable "database_high_availability" {
  description = "Keep a copy that takes over when the server fails, at twice the price."
  type        = bool
  default     = false
}

locals {
  database_url = "rediss://default:${urlencode(azurerm_managed_redis.database.default_database[0].primary_access_key)}@${azurerm_managed_redis.database.hostname}:${azurerm_managed_redis.database.default_database[0].port}/0"
}

resource "azurerm_managed_redis" "database" {
  name                      = local.unique_name
  resource_group_name       = azurerm_resource_group.main.name
  location                  = azurerm_resource_group.main.location
  sku_name                  = var.database_sku
  high_availability_enabled = var.database_high_availability
  public_network_access     = "Disabled"
  tags                      = local.tags

  # The key is Azure's, and the state holds it.
  default_database {
    access_keys_authentication_enabled            = true
    client_protocol                               = "Encrypted"
    clustering_policy                             = "NoCluster" # the service knows one server
    eviction_policy                               = "NoEviction"
    persistence_append_only_file_backup_frequency = "1s"
  }
}

# The way to it: an address in this network, under the database's own name.

resource "azurerm_subnet" "database" {
  name                 = "database"
  resource_group_name  = azurerm_resource_group.main.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["10.0.2.0/24"]
}

resource "azurerm_private_dns_zone" "database" {
  name                = "privatelink.redis.azure.net"
  resource_group_name = azurerm_resource_group.main.name
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "database" {
  name                = "database"
  private_dns_zone_id = azurerm_private_dns_zone.database.id
  virtual_network_id  = azurerm_virtual_network.main.id
  tags                = local.tags

  depends_on = [azurerm_subnet.database] # it goes before the subnet
}

resource "azurerm_private_endpoint" "database" {
  name                = "${var.name}-database"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  subnet_id           = azurerm_subnet.database.id
  tags                = local.tags

  private_service_connection {
    name                           = "database"
    private_connection_resource_id = azurerm_managed_redis.database.id
    subresource_names              = ["redisEnterprise"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "database"
    private_dns_zone_ids = [azurerm_private_dns_zone.database.id]
  }

  depends_on = [azurerm_private_dns_zone_virtual_network_link.database]
}

resource "azurerm_management_lock" "database" {
  count = var.deletion_protection ? 1 : 0

  name       = "database"
  scope      = azurerm_managed_redis.database.id
  lock_level = "CanNotDelete"
  notes      = "Holds the data of ${var.name}."
}

output "database" {
  description = "Name of the database server."
  value       = azurerm_managed_redis.database.name
}
