#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  std::string id;
};

int run_transfer_seal(const arguments& a) {
  const id_record id{parse_id_text("TRANSFER", a.id)};
  auto server = connect(a.common);
  const client::reply answer = ask(server, frame_type::seal_transfers, std::span<const id_record>(&id, 1));
  const result_record& result = answer.rows<result_record>()[0];
  const int code = print_result({{"id", to_hex(id.id)}}, result, a.common.json);
  return result.code == result_code::id_sealed ? exit_ok : code;
}

}  // namespace

void add_transfer_seal(CLI::App& transfer, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = transfer.add_subcommand(
      "seal", "Makes an id definite: shows what it did (`replayed`), or sees to it that it never will do anything");
  add_common(*verb, a->common);
  verb->add_option("TRANSFER", a->id, "Id, decimal or 0x")->required();
  verb->callback([a, &exit_code] { exit_code = guarded("transfer seal", [&] { return run_transfer_seal(*a); }); });
}

}  // namespace payloom::verbs
