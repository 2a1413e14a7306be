#include <fmt/format.h>

#include "actors/app/verbs/rows.hpp"
#include "actors/app/verbs/text.hpp"
#include "actors/app/verbs/verbs.hpp"

namespace payloom::verbs {
namespace {

struct arguments {
  common_options common;
  std::vector<std::string> ids;
};

int run_transfer_show(const arguments& a) {
  std::vector<id_record> ids;
  for (const std::string& id : a.ids) ids.push_back({parse_id_text("TRANSFER", id)});
  auto server = connect_for_amounts(a.common);
  const client::reply answer = ask(server, frame_type::lookup_transfers, std::span<const id_record>(ids));
  std::vector<transfer_row> found;
  for (const transfer_row& row : answer.rows<transfer_row>()) {
    if (row.record.id.value != 0) found.push_back(row);
  }
  print_transfers(found, a.common.json);
  if (found.size() < ids.size()) fmt::print(stderr, "{} of {} not found\n", ids.size() - found.size(), ids.size());
  return found.size() == ids.size() ? exit_ok : exit_refused;
}

}  // namespace

void add_transfer_show(CLI::App& transfer, int& exit_code) {
  auto a = std::make_shared<arguments>();
  CLI::App* verb = transfer.add_subcommand("show", "Shows transfers by id, refused ones too");
  add_common(*verb, a->common);
  verb->add_option("TRANSFER", a->ids, "Ids, decimal or 0x")->required()->expected(1, 5000);
  verb->callback([a, &exit_code] { exit_code = guarded("transfer show", [&] { return run_transfer_show(*a); }); });
}

}  // namespace payloom::verbs
