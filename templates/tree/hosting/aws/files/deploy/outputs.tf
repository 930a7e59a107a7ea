output "url" {
  description = "Where the service is reached."
  value       = var.domain_name == null ? "http://${aws_lb.main.dns_name}" : "https://${var.domain_name}"
}

output "repository" {
  description = "Where images are pushed."
  value       = aws_ecr_repository.service.repository_url
}

output "image" {
  description = "The image that was rolled out last."
  value       = jsondecode(aws_ecs_task_definition.service.container_definitions)[0].image
}

output "migration" {
  description = "What deploy/migrate runs, and where."
  value = {
    task_definition = aws_ecs_task_definition.migrate.arn
    cluster         = aws_ecs_cluster.main.name
    subnets         = var.nat_gateway ? aws_subnet.private[*].id : aws_subnet.public[*].id
    security_group  = aws_security_group.service.id
    public_address  = var.nat_gateway ? "DISABLED" : "ENABLED"
    log_group       = aws_cloudwatch_log_group.service.name
  }
}

output "service" {
  description = "The service in ECS, and what it should run."
  value = {
    cluster         = aws_ecs_cluster.main.name
    name            = aws_ecs_service.service.name
    task_definition = aws_ecs_task_definition.service.arn
  }
}

output "deploy_role" {
  description = "The role of the deploy workflow: set it as the repository's variable AWS_DEPLOY_ROLE."
  value       = one(aws_iam_role.deploy[*].arn)
}
