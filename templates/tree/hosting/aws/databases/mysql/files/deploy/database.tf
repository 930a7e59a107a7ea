variable "database_class" {
  description = "Size of the database server."
  type        = string
  default     = "db.t4g.micro"

  validation {
    condition     = startswith(var.database_class, "db.")
    error_message = "RDS' sizes have names such as db.t4g.micro."
  }
}

variable "database_storage" {
  description = "GB of storage; it grows by itself to five times that."
  type        = number
  default     = 20

  validation {
    condition     = var.database_storage >= 20
    error_message = "RDS gives 20 GB or more."
  }
}

variable "database_multi_az" {
  description = "Keep a standby in another zone, at twice the price."
  type        = bool
  default     = false
}

locals {
  database_port        = 3306
  database_url         = "mysql://${aws_db_instance.database.username}:${local.database_password}@${aws_db_instance.database.endpoint}/${aws_db_instance.database.db_name}?tls=true"
  database_environment = { DATABASE_CA_FILE = "/etc/ssl/rds.pem" }
}

resource "aws_db_subnet_group" "database" {
  name       = var.name
  subnet_ids = aws_subnet.database[*].id
}

resource "aws_db_parameter_group" "database" {
  name_prefix = "${var.name}-"
  family      = "mysql8.4"

  parameter {
    name  = "require_secure_transport"
    value = "1"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "database" {
  identifier     = var.name
  engine         = "mysql"
  engine_version = "8.4"
  instance_class = var.database_class
  multi_az       = var.database_multi_az

  db_name             = "app"
  username            = "app"
  password_wo         = local.database_password
  password_wo_version = var.secrets_version

  storage_type          = "gp3"
  storage_encrypted     = true
  allocated_storage     = var.database_storage
  max_allocated_storage = 5 * var.database_storage

  port                   = local.database_port
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.database.name
  vpc_security_group_ids = [aws_security_group.database.id]
  parameter_group_name   = aws_db_parameter_group.database.name

  backup_retention_period   = var.backup_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.deletion_protection
  final_snapshot_identifier = "${var.name}-final"
  apply_immediately         = true
}
