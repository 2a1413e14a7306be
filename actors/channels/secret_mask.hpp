#pragma once
// Takes out of bytes what must not be kept: signatures, keys, card numbers. Pure; any thread. The length stays the
// same, so that lengths in a message still fit.
#include <span>
#include <string>
#include <string_view>

namespace payloom::actors {

/// Masks in place:
///   - the values of HTTP headers that authenticate (X-Signature, Authorization, Proxy-Authorization, Cookie,
///   Set-Cookie,
///     X-Api-Key), in any case;
///   - texts of JSON members whose names say that they are secret (pan, card_number, cvv, cvc, password, secret, token,
///     key, pin, and those that end in _key, _secret or _token);
///   - card numbers: 13 to 19 digits, single spaces or dashes between them allowed, that pass the Luhn check and are
///   not
///     part of a longer word; the first six and last four stay;
///   - every occurrence of `secrets`, in either case.
void mask_secrets(std::string& bytes, std::span<const std::string> secrets);

/// Whether `digits` (nothing else) pass the check of ISO/IEC 7812.
bool passes_luhn(std::string_view digits);

}  // namespace payloom::actors
