mock_resource "google_compute_address" {
  defaults = {
    address   = "203.0.113.7"
    self_link = "https://www.googleapis.com/compute/v1/projects/example-123456/regions/europe-west1/addresses/shop-egress"
  }
}

mock_resource "google_firestore_database" {
  defaults = {
    uid = "01234567-89ab-cdef-0123-456789abcdef"
  }
}
