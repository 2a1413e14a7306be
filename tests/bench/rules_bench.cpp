// Goal: what rules cost a payment: ns per decision of the rule engine alone, on one thread. Method: random payments of
// the shipped catalogue with rules of its own, asked in turn. usage: rules_bench [ROUNDS]
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "actors/core/rules/rule_judge.hpp"
#include "config/catalog/payment_loader.hpp"
#include "tests/support/edited_catalog.hpp"

using namespace payloom;

namespace {

std::uint64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(t.tv_nsec);
}

/// `count` risk rules of a state about instant sales of single users, none of whom pays here: all of them are asked.
std::shared_ptr<const core::catalog::payment_catalog> with_rules(int count, const std::string& state) {
  support::edited_catalog files;
  std::string text = "\nrules:\n";
  for (int i = 1; i <= count; ++i)
    text += "  r" + std::to_string(i) + ": {id: " + std::to_string(i) +
            ", version: 1, kind: risk, priority: 1, state: " + state +
            ", when: {products: [instant_sale], user: " + std::to_string(1'000'000 + i) +
            "}, then: {decision: refuse}}\n";
  if (count != 0) files.replace("rules.yaml", "\nrules: {}\n", text);
  const auto loaded = config::read_payment_catalog(files, config::ledger_directory{});
  for (const config::problem& p : loaded.problems) std::fprintf(stderr, "%s\n", config::to_string(p).c_str());
  if (!loaded.value) std::exit(1);
  return loaded.value;
}

void measure(const char* what, const core::catalog::payment_catalog& of, std::uint64_t rounds) {
  constexpr std::size_t payments = 4096;
  std::vector<core::rules::rule_question> asked(payments);
  for (std::size_t i = 0; i < payments; ++i) {
    core::rules::rule_question& q = asked[i];
    q.product = of.parts().map.find_product("instant_sale").value();
    q.facts = {100 + i % 1000, 978, 7, 1 + i % 500, of.balance_tool(), 1'790'000'000'000'000'000u + i * 1'000'000u};
    q.order_minor = q.facts.amount_minor;
    q.order = i + 1;
    q.pays = q.charges = true;
    q.fee = &of.parts().fees.at(0);
  }
  core::rules::shadow_log watch;
  std::uint64_t refused = 0;
  const std::uint64_t began = now_ns();
  for (std::uint64_t round = 0; round < rounds; ++round)
    for (const core::rules::rule_question& q : asked)
      refused += core::rules::judge(of.rules(), of.version(), q, &watch).refusal != result_code::ok;
  const std::uint64_t took = now_ns() - began;
  std::printf("%-44s %6.1f ns a payment%s\n", what, static_cast<double>(took) / static_cast<double>(rounds * payments),
              refused != 0 ? ", some refused: wrong" : "");
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t rounds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2000;
  measure("no rules for the product", *with_rules(0, "ACTIVE"), rounds);
  measure("8 rules, all asked, none matches", *with_rules(8, "ACTIVE"), rounds);
  measure("64 rules, all asked, none matches", *with_rules(64, "ACTIVE"), rounds);
  measure("8 SHADOW rules", *with_rules(8, "SHADOW"), rounds);
  return 0;
}
