variable "database_tier" {
  description = "Size of the database server."
  type        = string
  default     = "M10"

  validation {
    condition     = can(regex("^M[0-9]+$", var.database_tier))
    error_message = "DocumentDB's sizes are M10, M20, M25, M30, M40 and so on."
  }
}

variable "database_storage" {
  description = "GB of storage."
  type        = number
  default     = 32

  validation {
    condition     = contains([32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767], var.database_storage)
    error_message = "Azure gives 32, 64, 128, 256, 512, 1024, 2048, 4095 or more GB."
  }
}

variable "database_high_availability" {
  description = "Keep a standby, at twice the price; from M30 on."
  type        = bool
  default     = false
}

locals {
  database_url = "mongodb+srv://${azurerm_mongo_cluster.database.administrator_username}:${terraform_data.database_password.output}@${azurerm_mongo_cluster.database.name}.global.mongocluster.cosmos.azure.com/app?tls=true&authMechanism=SCRAM-SHA-256&retrywrites=false&maxIdleTimeMS=120000"
}

# DocumentDB has no write-only argument for the password, so the state holds it.
resource "terraform_data" "database_password" {
  input            = local.database_password
  triggers_replace = [var.secrets_version]

  lifecycle {
    ignore_changes = [input] # another is drawn in each run
  }
}

resource "azurerm_mongo_cluster" "database" {
  name                   = local.unique_name
  resource_group_name    = azurerm_resource_group.main.name
  location               = azurerm_resource_group.main.location
  administrator_username = "app"
  administrator_password = terraform_data.database_password.output
  version                = "8.0"
  compute_tier           = var.database_tier
  storage_size_in_gb     = var.database_storage
  shard_count            = 1
  high_availability_mode = var.database_high_availability ? "ZoneRedundantPreferred" : "Disabled"
  public_network_access  = "Disabled"
  tags                   = local.tags
}

# The way to it: an address in this network, under the database's own name.

resource "azurerm_subnet" "database" {
  name                 = "database"
  resource_group_name  = azurerm_resource_group.main.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["10.0.2.0/24"]
}

resource "azurerm_private_dns_zone" "database" {
  name                = "privatelink.mongocluster.cosmos.azure.com"
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
    private_connection_resource_id = azurerm_mongo_cluster.database.id
    subresource_names              = ["MongoCluster"]
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
  scope      = azurerm_mongo_cluster.database.id
  lock_level = "CanNotDelete"
  notes      = "Holds the data of ${var.name}."
}

output "database" {
  description = "Name of the database server."
  value       = azurerm_mongo_cluster.database.name
}
