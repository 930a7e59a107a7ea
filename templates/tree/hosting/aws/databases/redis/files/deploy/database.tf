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
  database_url         = "rediss://${var.name}:${local.database_password}@${one(aws_memorydb_cluster.database.cluster_endpoint).address}:${local.database_port}/0"
  database_environment = {}
}

# The password, apart from the other secrets: the URL among those holds the address of the cluster, which has to know its users.
resource "aws_secretsmanager_secret" "database_password" {
  name_prefix             = "${var.name}-database-"
  description             = "Password of ${var.name}'s database"
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "database_password" {
  secret_id                = aws_secretsmanager_secret.database_password.id
  secret_string_wo         = local.database_password
  secret_string_wo_version = var.secrets_version
}

# Terraform's own resource for a user would keep the password in the state: CloudFormation reads it from the secret itself.
resource "aws_cloudformation_stack" "database_user" {
  name = "${var.name}-database-user"

  template_body = jsonencode({
    Resources = {
      User = {
        Type = "AWS::MemoryDB::User"

        Properties = {
          UserName     = var.name
          AccessString = "on ~* &* +@all -@admin"

          AuthenticationMode = {
            Type      = "password"
            Passwords = ["{{resolve:secretsmanager:${aws_secretsmanager_secret.database_password.arn}:SecretString:::${aws_secretsmanager_secret_version.database_password.version_id}}}"]
          }
        }
      }
    }
  })
}

resource "aws_memorydb_acl" "database" {
  name       = var.name
  user_names = [var.name]

  depends_on = [aws_cloudformation_stack.database_user]
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
