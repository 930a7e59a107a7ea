variable "database_class" {
  description = "Size of the database server."
  type        = string
  default     = "db.t4g.small"

  validation {
    condition     = startswith(var.database_class, "db.")
    error_message = "MemoryDB's sizes have names such as db.t4g.small."
  }
}

variable "database_snapshot" {
  description = "The snapshot that a new cluster begins with."
  type        = string
  default     = null
}

locals {
  database_port        = 6379
  database_url         = "rediss://${aws_memorydb_user.database.user_name}:${terraform_data.database_password.output}@${one(aws_memorydb_cluster.database.cluster_endpoint).address}:${local.database_port}/0"
  database_environment = {}
}

# MemoryDB has no write-only argument for the password, so the state holds it.
resource "terraform_data" "database_password" {
  input            = local.database_password
  triggers_replace = [var.secrets_version]

  lifecycle {
    ignore_changes = [input] # another is drawn in each run
  }
}

resource "aws_memorydb_user" "database" {
  user_name     = var.name
  access_string = "on ~* &* +@all -@admin"

  authentication_mode {
    type      = "password"
    passwords = [terraform_data.database_password.output]
  }
}

resource "aws_memorydb_acl" "database" {
  name       = var.name
  user_names = [aws_memorydb_user.database.user_name]
}

resource "aws_memorydb_subnet_group" "database" {
  name       = var.name
  subnet_ids = aws_subnet.database[*].id
}

# One shard without replicas, since the service takes every server for the one that can write. The log in several zones keeps
# the data when it fails, and another takes its place within minutes.
resource "aws_memorydb_cluster" "database" {
  name                   = var.name
  engine                 = "valkey"
  engine_version         = "7.3"
  parameter_group_name   = "default.memorydb-valkey7" # it evicts nothing
  node_type              = var.database_class
  num_shards             = 1
  num_replicas_per_shard = 0

  acl_name           = aws_memorydb_acl.database.name
  tls_enabled        = true
  port               = local.database_port
  subnet_group_name  = aws_memorydb_subnet_group.database.name
  security_group_ids = [aws_security_group.database.id]

  snapshot_name            = var.database_snapshot
  snapshot_retention_limit = var.backup_days
  final_snapshot_name      = var.deletion_protection ? "${var.name}-final" : null

  lifecycle {
    ignore_changes = [snapshot_name]
  }
}
