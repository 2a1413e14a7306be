#include "actors/channels/http_json/certificate_maker.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <memory>

namespace payloom::http_json {

namespace {

constexpr long valid_s = 7 * 24 * 3600;

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using file_ptr = std::unique_ptr<FILE, decltype(&fclose)>;

bool add_extension(X509* to, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(to, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

/// Signed by `issuer`; nullptr: by itself, as an authority.
certificate_ptr make(EVP_PKEY* key, const char* name, X509* issuer, EVP_PKEY* issuer_key) {
  certificate_ptr made(X509_new(), X509_free);
  X509* c = made.get();
  std::uint64_t serial = 0;
  const bool has_serial = RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1;
  X509_NAME* subject = X509_get_subject_name(c);
  const bool filled = has_serial && X509_set_version(c, X509_VERSION_3) == 1 &&
                      ASN1_INTEGER_set_uint64(X509_get_serialNumber(c), serial >> 1) == 1 &&
                      X509_gmtime_adj(X509_getm_notBefore(c), -3600) != nullptr &&
                      X509_gmtime_adj(X509_getm_notAfter(c), valid_s) != nullptr && X509_set_pubkey(c, key) == 1 &&
                      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                                 reinterpret_cast<const unsigned char*>(name), -1, -1, 0) == 1 &&
                      X509_set_issuer_name(c, issuer == nullptr ? subject : X509_get_subject_name(issuer)) == 1;
  const bool extended =
      filled &&
      (issuer == nullptr ? add_extension(c, c, NID_basic_constraints, "critical,CA:TRUE") &&
                               add_extension(c, c, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                               add_extension(c, c, NID_subject_key_identifier, "hash")
                         : add_extension(c, issuer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
                               add_extension(c, issuer, NID_ext_key_usage, "serverAuth"));
  if (!extended || X509_sign(c, issuer_key, EVP_sha256()) == 0) made.reset();
  return made;
}

file_ptr open(const std::filesystem::path& path) { return {fopen(path.c_str(), "wb"), &fclose}; }

bool write(const std::filesystem::path& path, X509* certificate) {
  const file_ptr file = open(path);
  return file != nullptr && PEM_write_X509(file.get(), certificate) == 1;
}

bool write(const std::filesystem::path& path, EVP_PKEY* key) {
  const file_ptr file = open(path);
  return file != nullptr && fchmod(fileno(file.get()), S_IRUSR | S_IWUSR) == 0 &&
         PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
}

}  // namespace

std::optional<certificate_files> make_certificates(const std::filesystem::path& directory, std::string& problem) {
  const key_ptr ca_key(EVP_EC_gen("P-256"), EVP_PKEY_free), key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  if (ca_key == nullptr || key == nullptr) {
    problem = "no key could be made";
    return std::nullopt;
  }
  const certificate_ptr ca = make(ca_key.get(), "payloom simulator CA", nullptr, ca_key.get());
  const certificate_ptr server =
      ca == nullptr ? certificate_ptr(nullptr, X509_free) : make(key.get(), "localhost", ca.get(), ca_key.get());
  if (server == nullptr) {
    problem = "no certificate could be made";
    return std::nullopt;
  }
  const certificate_files files{directory / "ca.pem", directory / "server.pem", directory / "server_key.pem"};
  if (!write(files.ca_file, ca.get()) || !write(files.certificate_file, server.get()) ||
      !write(files.key_file, key.get())) {
    problem = "the certificates could not be written into the directory";
    return std::nullopt;
  }
  return files;
}

}  // namespace payloom::http_json
