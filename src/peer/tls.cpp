#include "peer/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace lode::peer {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

namespace {

bool carries(X509* certificate, raft::NodeId node) {
  const std::string name = identity_name(node);
  return X509_check_host(certificate, name.data(), name.size(),
                         X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS, nullptr) == 1;
}

[[noreturn]] void fail(const std::string& what, const std::string& file, const error_code& error) {
  throw std::runtime_error("cluster." + what + ": '" + file + "' can't be used: " + error.message());
}

}  // namespace

std::string identity_name(raft::NodeId node) { return "lode-node-" + std::to_string(node.value); }

bool shows_identity(SSL* connection, raft::NodeId node) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(connection),
                                                                X509_free);
  return certificate && carries(certificate.get(), node);
}

Tls::Tls(TlsFiles files, raft::NodeId node) : files_(std::move(files)), node_(node), context_(load()) {}

void Tls::reload() {
  auto fresh = load();
  std::lock_guard lock(mutex_);
  context_ = std::move(fresh);
}

std::shared_ptr<ssl::context> Tls::context() const {
  std::lock_guard lock(mutex_);
  return context_;
}

std::shared_ptr<ssl::context> Tls::load() const {
  auto context = std::make_shared<ssl::context>(ssl::context::tls);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(native, 0);  // every connection shows its certificate
  context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  error_code error;
  // Without this OpenSSL would ask the terminal for the passphrase of an encrypted key.
  context->set_password_callback([](size_t, ssl::context::password_purpose) { return std::string(); }, error);
  context->use_certificate_chain_file(files_.certificate, error);
  if (error) fail("tls_certificate", files_.certificate, error);
  context->use_private_key_file(files_.key, ssl::context::pem, error);
  if (error) fail("tls_key", files_.key, error);
  context->load_verify_file(files_.ca, error);
  if (error) fail("tls_ca", files_.ca, error);
  if (!carries(SSL_CTX_get0_certificate(native), node_)) {
    throw std::runtime_error("cluster.tls_certificate: '" + files_.certificate +
                             "' is not this node's: the DNS name " + identity_name(node_) +
                             " is not among its subject alternative names");
  }
  return context;
}

}  // namespace lode::peer
