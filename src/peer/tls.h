// Mutual TLS between nodes, version 1.3 only. Each end shows a certificate that the CA of cluster.tls_ca has
// signed, and that carries `lode-node-<id>` (lode-node-3) as a DNS name among its subject alternative names.
//
// Why the id and not the address: ids are never given twice, so a certificate speaks for one node and its
// data alone; addresses move to other machines, and a node that moves keeps its certificate. Why a DNS name:
// every CA's tool can write one. A certificate may carry more names; the CA's file may hold several CAs,
// which is how one is exchanged for another. Subject, wildcards and addresses do not count. When it has an
// extended key usage, that must allow both server and client. Two clusters may share a CA: the hello's
// cluster id keeps them apart.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>
#include <string>

#include "peer/settings.h"

namespace lode::peer {

std::string identity_name(raft::NodeId node);  // "lode-node-3"

// Whether the other end's certificate is `node`'s. After the handshake.
bool shows_identity(SSL* connection, raft::NodeId node);

class Tls {
 public:
  // Reads the files. Throws std::runtime_error with a sentence: not readable, key of another certificate, or
  // a certificate that is not `node`'s own.
  Tls(TlsFiles files, raft::NodeId node);

  // Reads them again, for connections made from now on; those that stand go on. Throws as the constructor,
  // and then keeps what it has. Any thread.
  void reload();
  std::shared_ptr<boost::asio::ssl::context> context() const;

 private:
  std::shared_ptr<boost::asio::ssl::context> load() const;

  const TlsFiles files_;
  const raft::NodeId node_;
  mutable std::mutex mutex_;
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace lode::peer
