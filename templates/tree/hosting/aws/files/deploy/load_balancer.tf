locals {
  short_name = trimsuffix(substr(var.name, 0, 28), "-") # load balancers and target groups have 32 characters
}

resource "aws_lb" "main" {
  name                       = local.short_name
  load_balancer_type         = "application"
  subnets                    = aws_subnet.public[*].id
  security_groups            = [aws_security_group.load_balancer.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = var.deletion_protection

  depends_on = [aws_internet_gateway.main]
}

resource "aws_lb_target_group" "service" {
  name                 = local.short_name
  vpc_id               = aws_vpc.main.id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = local.port
  deregistration_delay = 15

  # ECS replaces what fails this: with /readyz, a database that blinks would have every container replaced.
  health_check {
    path                = "/healthz"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.main.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type             = var.domain_name == null ? "forward" : "redirect"
    target_group_arn = var.domain_name == null ? aws_lb_target_group.service.arn : null

    dynamic "redirect" {
      for_each = var.domain_name == null ? [] : [1]

      content {
        protocol    = "HTTPS"
        port        = "443"
        status_code = "HTTP_301"
      }
    }
  }
}

resource "aws_lb_listener" "https" {
  count = var.domain_name == null ? 0 : 1

  load_balancer_arn = aws_lb.main.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate_validation.service[0].certificate_arn

  routing_http_response_strict_transport_security_header_value = "max-age=31536000"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.service.arn
  }
}

resource "aws_acm_certificate" "service" {
  count = var.domain_name == null ? 0 : 1

  domain_name       = var.domain_name
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  count = var.domain_name == null ? 0 : 1

  zone_id         = var.hosted_zone_id
  name            = one(aws_acm_certificate.service[0].domain_validation_options).resource_record_name
  type            = one(aws_acm_certificate.service[0].domain_validation_options).resource_record_type
  records         = [one(aws_acm_certificate.service[0].domain_validation_options).resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "service" {
  count = var.domain_name == null ? 0 : 1

  certificate_arn         = aws_acm_certificate.service[0].arn
  validation_record_fqdns = [aws_route53_record.validation[0].fqdn]
}

resource "aws_route53_record" "service" {
  count = var.domain_name == null ? 0 : 1

  zone_id = var.hosted_zone_id
  name    = var.domain_name
  type    = "A"

  alias {
    name                   = aws_lb.main.dns_name
    zone_id                = aws_lb.main.zone_id
    evaluate_target_health = false
  }
}
