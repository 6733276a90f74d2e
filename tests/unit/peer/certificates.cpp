#include "unit/peer/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>

namespace lode::peer {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using File = std::unique_ptr<std::FILE, Free>;

void require(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL: a certificate can't be made");
}

std::filesystem::path make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "lode-peer-XXXXXX").string();
  require(mkdtemp(name.data()) != nullptr);
  return name;
}

void add_extension(X509* certificate, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

Certificate make_certificate(EVP_PKEY* key, const std::string& subject, long serial) {
  Certificate made(X509_new());
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 86400);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1, 0);
  return made;
}

void write_certificate(const std::string& path, X509* certificate) {
  const File file(std::fopen(path.c_str(), "w"));
  require(file && PEM_write_X509(file.get(), certificate) == 1);
}

void write_key(const std::string& path, EVP_PKEY* key) {
  const File file(std::fopen(path.c_str(), "w"));
  require(file && PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
}

}  // namespace

struct TestCa::Keys {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate;
};

TestCa::TestCa() : folder_(make_folder()), keys_(std::make_unique<Keys>()) {
  EVP_PKEY* key = keys_->key.get();
  keys_->certificate = make_certificate(key, "Test CA " + folder_.string(), 1);
  X509* own = keys_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  add_extension(own, NID_basic_constraints, "critical,CA:TRUE");
  require(X509_sign(own, key, EVP_sha256()) > 0);
  write_certificate((folder_ / "ca.pem").string(), own);
}

TestCa::~TestCa() { std::filesystem::remove_all(folder_); }

TlsFiles TestCa::issue(const std::string& dns_name) {
  const std::string name = "node" + std::to_string(++issued_);
  const TlsFiles files{(folder_ / (name + ".pem")).string(), (folder_ / (name + ".key")).string(),
                       (folder_ / "ca.pem").string()};
  issue_again(files, dns_name);
  return files;
}

void TestCa::issue_again(const TlsFiles& files, const std::string& dns_name) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate made = make_certificate(key.get(), "a node", ++issued_ + 100);
  X509_set_issuer_name(made.get(), X509_get_subject_name(keys_->certificate.get()));
  add_extension(made.get(), NID_subject_alt_name, "DNS:" + dns_name);
  require(X509_sign(made.get(), keys_->key.get(), EVP_sha256()) > 0);
  write_certificate(files.certificate, made.get());
  write_key(files.key, key.get());
}

}  // namespace lode::peer
