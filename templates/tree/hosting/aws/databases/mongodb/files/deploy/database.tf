variable "database_class" {
  description = "Size of a database server."
  type        = string
  default     = "db.t4g.medium"

  validation {
    condition     = startswith(var.database_class, "db.")
    error_message = "DocumentDB's sizes have names such as db.t4g.medium."
  }
}

variable "database_instances" {
  description = "How many database servers there are; from the second on, one takes over when another fails."
  type        = number
  default     = 1

  validation {
    condition     = var.database_instances >= 1 && var.database_instances <= 16
    error_message = "A cluster has 1 to 16 servers."
  }
}

locals {
  database_port        = 27017
  database_url         = "mongodb://${aws_docdb_cluster.database.master_username}:${local.database_password}@${aws_docdb_cluster.database.endpoint}:${aws_docdb_cluster_instance.database[0].port}/app?tls=true&replicaSet=rs0&retryWrites=false"
  database_environment = { DATABASE_CA_FILE = "/etc/ssl/rds.pem" }
}

resource "aws_docdb_subnet_group" "database" {
  name       = var.name
  subnet_ids = aws_subnet.database[*].id
}

resource "aws_docdb_cluster_parameter_group" "database" {
  name_prefix = "${var.name}-"
  family      = "docdb5.0"

  parameter {
    name  = "tls"
    value = "enabled"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_docdb_cluster" "database" {
  cluster_identifier = var.name
  engine             = "docdb"
  engine_version     = "5.0.0"

  master_username            = "app"
  master_password_wo         = local.database_password
  master_password_wo_version = var.secrets_version

  storage_encrypted               = true
  port                            = local.database_port
  db_subnet_group_name            = aws_docdb_subnet_group.database.name
  vpc_security_group_ids          = [aws_security_group.database.id]
  db_cluster_parameter_group_name = aws_docdb_cluster_parameter_group.database.name

  backup_retention_period   = var.backup_days
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.deletion_protection
  final_snapshot_identifier = "${var.name}-final"
  apply_immediately         = true
}

resource "aws_docdb_cluster_instance" "database" {
  count = var.database_instances

  identifier         = "${var.name}-${count.index}"
  cluster_identifier = aws_docdb_cluster.database.id
  instance_class     = var.database_class
}
