#include "actors/core/channels/iso8583/iso_fields.hpp"

#include "actors/core/channels/iso8583/iso_error.hpp"

namespace payloom::core {

namespace {

using enum iso_field;

constexpr iso_field_set sets(std::initializer_list<iso_field> fields) {
  iso_field_set all = 0;
  for (const iso_field f : fields) all |= set_of(f);
  return all;
}

constexpr iso_field_set request_fields = sets({processing_code, amount, transmitted_at, stan, local_time, local_date,
                                               retrieval_reference, terminal, merchant, attempt, currency});
constexpr iso_field_set reversal_fields = request_fields | set_of(original);
constexpr iso_field_set response_fields = sets({transmitted_at, stan, retrieval_reference, response_code, attempt});

constexpr std::array<iso_message_row, 7> message_rows = {{
    {iso_type::request, request_fields, false},
    {iso_type::response, response_fields, false},
    {iso_type::reversal, reversal_fields, true},
    {iso_type::reversal_repeat, reversal_fields, true},
    {iso_type::reversal_response, response_fields, false},
    {iso_type::network_request, sets({transmitted_at, stan, network_code}), true},
    {iso_type::network_response, sets({transmitted_at, stan, response_code, network_code}), true},
}};

constexpr bool rows_ascend() {
  for (std::size_t i = 1; i < iso_field_rows.size(); ++i)
    if (iso_field_rows[i - 1].field >= iso_field_rows[i].field) return false;
  return true;
}
static_assert(rows_ascend());

}  // namespace

const iso_message_row* find_message_row(std::uint16_t type) {
  for (const iso_message_row& row : message_rows)
    if (row.type == type) return &row;
  return nullptr;
}

std::string_view name_of(iso_error code) {
  constexpr std::array<std::string_view, iso_errors> names = {"ok",
                                                              "cut_short",
                                                              "type_unknown",
                                                              "field_unknown",
                                                              "length_wrong",
                                                              "character_wrong",
                                                              "field_missing",
                                                              "left_over",
                                                              "frame_too_long",
                                                              "frame_empty",
                                                              "identity_wrong"};
  const auto at = static_cast<std::size_t>(code);
  return at < names.size() ? names[at] : "unknown";
}

}  // namespace payloom::core
