#include "actors/app/verbs/payment_options.hpp"

#include <fmt/format.h>

#include <charconv>

#include "actors/app/verbs/common.hpp"
#include "actors/app/verbs/text.hpp"
#include "config/catalog/payment_loader.hpp"
#include "config/payments/shipped_payments.hpp"

namespace payloom::verbs {
namespace {

template <class Number>
bool read_whole(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

void payment_options::add_to(CLI::App& verb) {
  verb.add_option("--payments", folder, "Folder of the server's payment catalogue (default: the shipped one)");
}

catalog_ptr payment_options::load() const {
  const auto shipped = [](std::string_view name) { return std::string(config::shipped_payment_file(name)); };
  config::payment_catalog_result read = folder.empty() ? config::read_payment_catalog(shipped, ledgers())
                                                       : config::load_payment_catalog(folder, ledgers());
  if (read.value) return read.value;
  std::string all = "--payments: the catalogue is wrong";
  for (const config::problem& p : read.problems) all += "\n  " + config::to_string(p);
  if (!ledgers_known()) throw ledgers_needed(all);
  throw usage_error(all);
}

order_id parse_order_text(const std::string& what, const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return {parse_id_text(what, text)};
  owner_number merchant = 0;
  if (!read_whole(std::string_view(text).substr(0, slash), merchant)) {
    throw usage_error(fmt::format("{}: '{}' is no order: its id, or MERCHANT/BUSINESS_ID", what, text));
  }
  return order_id_of(merchant, parse_id_text(what, text.substr(slash + 1)));
}

std::uint16_t parse_product_text(const payment_catalog& catalog, const std::string& text) {
  std::uint16_t code = 0;
  if (read_whole(text, code) && code != 0) return code;
  std::string known;
  for (const auto& product : catalog.parts().map.products()) {
    if (product.name == text) return product.code;
    known += (known.empty() ? "" : ", ") + product.name;
  }
  throw usage_error(fmt::format("--product: '{}' is neither a code nor one of {}", text, known));
}

std::uint16_t parse_tools_text(const payment_catalog& catalog, const std::string& text) {
  const core::catalog::name_set& tools = catalog.parts().map.tools();
  std::uint16_t bits = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::string name = text.substr(from, comma - from);
    const auto tool = tools.find(name);
    if (!tool) throw usage_error(fmt::format("--tools: no tool is called '{}'", name));
    bits = static_cast<std::uint16_t>(bits | 1u << *tool);
    from = comma + 1;
  }
  return bits;
}

std::uint32_t parse_date_text(const std::string& what, const std::string& text) {
  if (text.empty()) return 0;
  std::string digits = text;
  if (digits.size() == 10 && digits[4] == '-' && digits[7] == '-') digits.erase(7, 1).erase(4, 1);
  std::uint32_t date = 0;
  if (digits.size() != 8 || !read_whole(digits, date)) {
    throw usage_error(fmt::format("{}: '{}' is no date (2026-11-22)", what, text));
  }
  return date;
}

}  // namespace payloom::verbs
