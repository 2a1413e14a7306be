#include "config/payments/shipped_payments.hpp"

namespace payloom::config {

std::string_view shipped_payment_file(std::string_view name) noexcept {
  for (const shipped_file& file : shipped_files())
    if (file.name == name) return file.text;
  return {};
}

}  // namespace payloom::config
