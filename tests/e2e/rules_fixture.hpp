#pragma once
// The real server on a folder with the payment catalogue, which tests edit.
#include "tests/e2e/orders_fixture.hpp"
#include "tests/support/edited_catalog.hpp"

namespace payloom::e2e {

class rules_fixture : public orders_fixture {
 protected:
  void serve(std::vector<std::string> set = {}) {
    set.push_back("payments.folder=" + folder());
    start(std::move(set));
  }
  std::string folder() const { return directory.path().string() + "/payments"; }
  /// Version `number` with another percentage for instant sales (14000: 1.4 %); the fixed part of 25 cents stays.
  static support::edited_catalog with_rate(std::uint32_t number, const std::string& rate) {
    support::edited_catalog files;
    files.version(number).replace("fees.yaml", "fixed_minor: 25, rate_millionths: 14000",
                                  "fixed_minor: 25, rate_millionths: " + rate);
    return files;
  }
  /// What the order's last event said.
  static order_event_row last(client::blocking_connection& to, const order_record& of) {
    const auto rows = timeline(to, of.id.value);
    return rows.empty() ? order_event_row{} : rows.back();
  }
};

}  // namespace payloom::e2e
