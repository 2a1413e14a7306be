#pragma once
// The channel's JSON messages: requests made from calls, answers made from untrusted bytes. Pure; any thread.
//   POST /v1/payments | /v1/refunds | /v1/payouts    {"attempt_id","amount","currency","source","reference"}
//   GET  /v1/attempts/{id}    POST /v1/attempts/{id}/close   {}
// Responses and callbacks: {"attempt_id","code","amount","currency","channel_txn","reference"}. Ids are 32 hexadecimal
// digits, amounts decimal texts of minor units (no double ever holds one), currencies numbers.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "actors/channels/http_json/code_map.hpp"
#include "actors/core/channels/channel_call.hpp"

namespace payloom::http_json {

inline constexpr std::size_t body_bytes_max = 16 * 1024;  ///< larger ones are refused unread
inline constexpr int body_depth_max = 4;                  ///< deeper ones are refused; only the top level is looked at
inline constexpr std::string_view callback_path = "/v1/callbacks";

/// What is wrong with a message. The numbers stay.
enum class message_errc : std::uint8_t {
  ok = 0,
  too_large = 1,         ///< more than body_bytes_max
  not_json = 2,          ///< or not an object
  too_deep = 3,          ///< more than body_depth_max
  member_twice = 4,      ///< one of ours stands there twice
  member_missing = 5,    ///< one that this message needs
  member_type = 6,       ///< text where a number belongs, and the like
  bad_id = 7,            ///< not 32 hexadecimal digits, or reserved
  bad_amount = 8,        ///< not a decimal without sign or leading zero, or too large
  bad_currency = 9,      ///< not 1 to 2^32 - 1
  bad_code = 10,         ///< empty or too long
  attempt_differs = 11,  ///< answer to another attempt
  ledger_differs = 12,   ///< another currency than was asked for moved
  amount_missing = 13,   ///< a success of nothing
  bad_reference = 14,    ///< not ours, or damaged
  status_open = 15,      ///< an HTTP status that says nothing of the attempt
  code_open = 16,        ///< a code that is in no list: somebody must look
};

/// A result with its place.
struct message_problem {
  message_errc code = message_errc::ok;
  std::string_view member;  ///< which one, static text; empty: all of it
  std::size_t offset = 0;   ///< not_json: of the byte where it ends being JSON
  bool ok() const { return code == message_errc::ok; }
};

/// Method and path of a call, and its body.
struct request_text {
  std::string_view method;
  std::string path;
  std::string body;  ///< empty for GET
};
/// Into `out`, whose memory is used again.
void write_request(const core::channel_call& call, request_text& out);

/// The members of a message, as they came.
struct message_fields {
  u128 attempt_id = 0, channel_txn = 0, amount_minor = 0, source = 0;
  ledger_id currency = 0;
  std::string code;
  std::string reference;
  std::uint16_t present = 0;  ///< bit per member, in the order of http_messages.cpp
  bool has(std::string_view member) const;
};
/// Reads the object; which members must be there the caller says.
message_problem read_fields(std::string_view body, message_fields& out);

/// An answer and what is wrong with it. With a problem the outcome is `unknown`: nothing that cannot be read moves
/// money or fails a payment. `code_open` also holds a channel's code that is not in the list.
struct read_answer {
  core::channel_answer answer;
  message_problem problem;
};
/// Of the response to `call` with this HTTP status. 2xx and 4xx have a body that counts; the others are `unknown`.
read_answer read_response(const core::channel_call& call, unsigned status, std::string_view body,
                          const code_map& codes);

/// Of a callback whose signature was verified. With a problem there is no answer to hand on.
read_answer read_callback(std::string_view body, const code_map& codes);

/// The body of a response or callback (the simulator's side, and tests).
void write_fields(const message_fields& fields, std::string& out);

}  // namespace payloom::http_json
