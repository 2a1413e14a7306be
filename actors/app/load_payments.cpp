#include "actors/app/load_payments.hpp"

#include <stdexcept>
#include <string>

#include "config/catalog/payment_loader.hpp"
#include "config/payments/shipped_payments.hpp"

namespace payloom::app {

std::shared_ptr<const core::catalog::payment_catalog> load_payments(const config::settings& settings,
                                                                    const config::ledger_directory& ledgers) {
  const auto text_of = [](std::string_view name) { return std::string(config::shipped_payment_file(name)); };
  config::payment_catalog_result loaded = settings.payments.folder.empty()
                                              ? config::read_payment_catalog(text_of, ledgers)
                                              : config::load_payment_catalog(settings.payments.folder, ledgers);
  if (loaded.value) return loaded.value;
  std::string all = "payments.folder: the catalogue is wrong";
  for (const config::problem& p : loaded.problems) all += "\n  " + config::to_string(p);
  throw std::runtime_error(all);
}

}  // namespace payloom::app
