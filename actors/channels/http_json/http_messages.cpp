#include "actors/channels/http_json/http_messages.hpp"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "actors/channels/http_json/echo_reference.hpp"
#include "actors/channels/http_json/wire_text.hpp"
#include "protocol/types/assert.hpp"
#include "protocol/types/u128_text.hpp"

namespace payloom::http_json {

namespace {

enum class member : std::uint8_t { attempt_id, code, amount, currency, channel_txn, reference, source, none };
constexpr std::array<std::string_view, 7> member_names = {"attempt_id",  "code",      "amount", "currency",
                                                          "channel_txn", "reference", "source"};

member member_of(std::string_view name) {
  for (std::size_t i = 0; i < member_names.size(); ++i)
    if (member_names[i] == name) return static_cast<member>(i);
  return member::none;
}
std::string_view name_of(member m) {
  return m == member::none ? std::string_view() : member_names[static_cast<std::size_t>(m)];
}

/// Takes the parser's events; nothing is built but the fields.
class field_sax {
 public:
  explicit field_sax(message_fields& out) : out_(out) {}
  const message_problem& problem() const { return problem_; }

  // The names are the parser's.
  bool start_object(std::size_t) {
    if (depth_ == 0) {
      ++depth_;
      return true;
    }
    return begin_inner();
  }
  bool start_array(std::size_t) { return depth_ == 0 ? fail(message_errc::not_json) : begin_inner(); }
  bool end_object() { return end_inner(); }
  bool end_array() { return end_inner(); }
  bool key(std::string& name) {
    if (depth_ != 1) return true;
    member_ = member_of(name);
    if (member_ == member::none) return true;
    const auto bit = static_cast<std::uint16_t>(1u << static_cast<unsigned>(member_));
    if ((out_.present & bit) != 0) return fail(message_errc::member_twice);
    out_.present |= bit;
    return true;
  }
  bool string(std::string& value) {
    if (depth_ != 1) return inner();
    switch (member_) {
      case member::attempt_id:
        return id(value, out_.attempt_id);
      case member::channel_txn:
        return id(value, out_.channel_txn);
      case member::source:
        return id(value, out_.source);
      case member::code:
        out_.code = value;
        return !value.empty() && value.size() <= code_bytes_max ? true : fail(message_errc::bad_code);
      case member::reference:
        out_.reference = value;
        return value.size() <= echo_text_max ? true : fail(message_errc::bad_reference);
      case member::amount: {
        const auto amount = parse_decimal(value);
        if (!amount.has_value() || *amount == u128_max) return fail(message_errc::bad_amount);
        out_.amount_minor = *amount;
        return true;
      }
      case member::currency:
        return fail(message_errc::member_type);
      case member::none:
        return true;
    }
    return true;
  }
  bool number_unsigned(std::uint64_t value) {
    if (depth_ != 1) return inner();
    if (member_ == member::none) return true;
    if (member_ != member::currency) return fail(message_errc::member_type);
    if (value == 0 || value > std::numeric_limits<ledger_id>::max()) return fail(message_errc::bad_currency);
    out_.currency = static_cast<ledger_id>(value);
    return true;
  }
  bool number_integer(std::int64_t) { return other(); }
  bool number_float(double, const std::string&) { return other(); }
  bool boolean(bool) { return other(); }
  bool null() { return other(); }
  bool binary(std::vector<std::uint8_t>&) { return other(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) {
    fail(message_errc::not_json);
    problem_.member = {};
    problem_.offset = position;
    return false;
  }

 private:
  bool fail(message_errc code) {
    problem_ = {code, name_of(member_), 0};
    return false;
  }
  bool begin_inner() {
    if (depth_ == 1 && member_ != member::none) return fail(message_errc::member_type);
    return ++depth_ <= body_depth_max ? true : fail(message_errc::too_deep);
  }
  bool end_inner() {
    --depth_;
    return true;
  }
  bool inner() { return depth_ == 0 ? fail(message_errc::not_json) : true; }
  bool other() {
    if (depth_ != 1) return inner();
    return member_ == member::none ? true : fail(message_errc::member_type);
  }
  bool id(const std::string& text, u128& value) {
    return read_hex32(text, value) && !id_is_reserved(value) ? true : fail(message_errc::bad_id);
  }

  message_fields& out_;
  message_problem problem_;
  member member_ = member::none;
  int depth_ = 0;
};

void append_member(std::string& out, member m) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += name_of(m);
  out += "\":";
}

bool moved(channel_outcome o) { return o == channel_outcome::success || o == channel_outcome::returned; }

/// From the code on: the same for responses and callbacks.
message_problem judge(const message_fields& f, const code_map& codes, core::channel_answer& a) {
  if (!f.has("code")) return {message_errc::member_missing, "code"};
  const code_entry* entry = codes.find(f.code);
  if (entry == nullptr) return {message_errc::code_open, "code"};
  a.code = entry->number;
  a.reference = f.channel_txn;
  if (moved(entry->outcome)) {
    if (!f.has("amount")) return {message_errc::member_missing, "amount"};
    if (!f.has("currency")) return {message_errc::member_missing, "currency"};
    if (f.amount_minor == 0) return {message_errc::amount_missing, "amount"};
    if (f.currency != a.call.ledger) return {message_errc::ledger_differs, "currency"};
    a.amount_minor = f.amount_minor;
  }
  a.outcome = entry->outcome;
  return {};
}

}  // namespace

bool message_fields::has(std::string_view name) const {
  const member m = member_of(name);
  PAYLOOM_ASSERT(m != member::none);
  return (present & 1u << static_cast<unsigned>(m)) != 0;
}

void write_request(const core::channel_call& c, request_text& out) {
  out.body.clear();
  out.path.clear();
  if (c.operation == channel_operation::query || c.operation == channel_operation::close) {
    out.path += "/v1/attempts/";
    append_hex32(out.path, c.attempt_id);
    const bool closes = c.operation == channel_operation::close;
    if (closes) out.path += "/close";
    if (closes) out.body += "{}";
    out.method = closes ? "POST" : "GET";
    return;
  }
  out.method = "POST";
  out.path += c.operation == channel_operation::pay      ? "/v1/payments"
              : c.operation == channel_operation::refund ? "/v1/refunds"
                                                         : "/v1/payouts";
  out.body += "{\"attempt_id\":\"";
  append_hex32(out.body, c.attempt_id);
  out.body += "\",\"amount\":\"";
  append_decimal(out.body, c.amount_minor);
  out.body += "\",\"currency\":";
  append_decimal(out.body, c.ledger);
  if (c.operation == channel_operation::refund) {
    out.body += ",\"source\":\"";
    append_hex32(out.body, c.source);
    out.body += '"';
  }
  out.body += ",\"reference\":\"";
  append_echo(out.body, c);
  out.body += "\"}";
  PAYLOOM_ASSERT(out.body.size() <= body_bytes_max);
}

message_problem read_fields(std::string_view body, message_fields& out) {
  out.present = 0;
  out.code.clear();
  out.reference.clear();
  if (body.size() > body_bytes_max) return {message_errc::too_large, {}, 0};
  field_sax sax(out);
  const bool read = nlohmann::json::sax_parse(body.begin(), body.end(), &sax);
  PAYLOOM_ASSERT(read == sax.problem().ok());
  return sax.problem();
}

read_answer read_response(const core::channel_call& call, unsigned status, std::string_view body,
                          const code_map& codes) {
  read_answer r;
  r.answer.call = call;
  r.answer.outcome = channel_outcome::unknown;
  if (status / 100 != 2 && status / 100 != 4) {
    r.problem = {message_errc::status_open, {}, 0};
    return r;
  }
  message_fields f;
  r.problem = read_fields(body, f);
  if (!r.problem.ok()) return r;
  if (!f.has("attempt_id")) {
    r.problem = {message_errc::member_missing, "attempt_id"};
  } else if (f.attempt_id != call.attempt_id) {
    r.problem = {message_errc::attempt_differs, "attempt_id"};
  } else {
    r.problem = judge(f, codes, r.answer);
  }
  return r;
}

read_answer read_callback(std::string_view body, const code_map& codes) {
  read_answer r;
  message_fields f;
  r.problem = read_fields(body, f);
  if (!r.problem.ok()) return r;
  for (const std::string_view name : {"attempt_id", "reference"})
    if (!f.has(name)) {
      r.problem = {message_errc::member_missing, name};
      return r;
    }
  std::optional<core::channel_call> call = read_echo(f.reference);
  if (!call.has_value()) {
    r.problem = {message_errc::bad_reference, "reference"};
    return r;
  }
  r.answer.call = std::move(*call);
  if (f.attempt_id != r.answer.call.attempt_id) {
    r.problem = {message_errc::attempt_differs, "attempt_id"};
    return r;
  }
  r.problem = judge(f, codes, r.answer);
  if (!r.problem.ok()) r.answer.outcome = channel_outcome::none;
  return r;
}

void write_fields(const message_fields& f, std::string& out) {
  out.clear();
  out += '{';
  const auto text = [&](member m, std::string_view value) {
    append_member(out, m);
    ((out += '"') += value) += '"';
  };
  const auto id = [&](member m, u128 value) {
    append_member(out, m);
    out += '"';
    append_hex32(out, value);
    out += '"';
  };
  if (f.attempt_id != 0) id(member::attempt_id, f.attempt_id);
  if (!f.code.empty()) text(member::code, f.code);
  append_member(out, member::amount);
  out += '"';
  append_decimal(out, f.amount_minor);
  out += '"';
  if (f.currency != 0) {
    append_member(out, member::currency);
    append_decimal(out, f.currency);
  }
  if (f.channel_txn != 0) id(member::channel_txn, f.channel_txn);
  if (!f.reference.empty()) text(member::reference, f.reference);
  if (f.source != 0) id(member::source, f.source);
  out += '}';
}

}  // namespace payloom::http_json
