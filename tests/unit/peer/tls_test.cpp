// Who may talk to whom under mutual TLS.
#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include "unit/peer/certificates.h"
#include "unit/peer/examples.h"
#include "unit/peer/nodes.h"

namespace lode::peer {
namespace {

using testing::HasSubstr;

Settings with_tls(uint64_t node, TlsFiles files) {
  Settings settings = test_settings(node);
  settings.tls = std::move(files);
  return settings;
}

std::string why_not(const Settings& settings) {
  try {
    TestNode node(settings);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

std::string error_between(TestNode& one, TestNode& two) {
  two.knows({one.as_peer()});
  one.knows({two.as_peer()});
  EXPECT_TRUE(eventually([&] { return !one.link(2).last_error.empty() && !two.link(1).last_error.empty(); }));
  EXPECT_EQ(one.link(2).connects, 0u);
  EXPECT_EQ(two.link(1).connects, 0u);
  return one.link(2).last_error;
}

TEST(PeerTls, AnotherCaIsNotBelieved) {
  TestCa ca, other;
  TestNode one(with_tls(1, ca.issue("lode-node-1"))), two(with_tls(2, other.issue("lode-node-2")));
  EXPECT_THAT(error_between(one, two), HasSubstr("TLS handshake failed"));
  EXPECT_THAT(one.link(2).last_error, HasSubstr("certificate"));
}

// The called end asks for a certificate, too: one that only the caller's own CA has signed won't do, even
// when the caller believes the called end.
TEST(PeerTls, TheCallerIsVerifiedToo) {
  TestCa ca, other;
  TlsFiles mixed = other.issue("lode-node-1");
  mixed.ca = ca.issue("x").ca;  // believes what `ca` signed, shows what `other` signed
  TestNode one(with_tls(1, mixed)), two(with_tls(2, ca.issue("lode-node-2")));
  one.knows({two.as_peer()});
  EXPECT_TRUE(eventually([&] { return !one.link(2).last_error.empty(); }));
  EXPECT_EQ(one.link(2).connects, 0u);
}

TEST(PeerTls, ACertificateOfAnotherNodeAtTheAddress) {
  TestCa ca;
  TestNode one(with_tls(1, ca.issue("lode-node-1"))), three(with_tls(3, ca.issue("lode-node-3")));
  one.knows({{{2}, three.network->address()}});
  EXPECT_TRUE(eventually([&] { return !one.link(2).last_error.empty(); }));
  EXPECT_THAT(one.link(2).last_error,
              HasSubstr("its certificate is not that of node 2: lode-node-2 is not among"));
}

// The answer to `hello` from someone who shows the certificate of `files`, whatever the hello says.
Frame answer_over_tls(const std::string& address, const TlsFiles& files, const Hello& hello) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str());
  SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM);
  const BareSocket socket = BareSocket::connect_to(address);
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), SSL_free);
  SSL_set_fd(tls.get(), socket.fd());
  EXPECT_EQ(SSL_connect(tls.get()), 1);
  const std::string bytes = sealed(encode(hello));
  EXPECT_EQ(SSL_write(tls.get(), bytes.data(), static_cast<int>(bytes.size())),
            static_cast<int>(bytes.size()));
  FrameReader reader;
  while (true) {
    if (const auto frame = reader.next()) return *frame;
    const auto room = reader.room();
    const int got = SSL_read(tls.get(), room.data(), static_cast<int>(room.size()));
    if (got <= 0) throw std::runtime_error("closed without a word");
    reader.filled(static_cast<size_t>(got));
  }
}

TEST(PeerTls, AnIdWithoutItsCertificateIsRefused) {
  TestCa ca;
  Settings settings = with_tls(1, ca.issue("lode-node-1"));
  settings.peers = {{{2}, "127.0.0.1:1"}, {{3}, "127.0.0.1:1"}};
  TestNode one(settings);
  const TlsFiles third = ca.issue("lode-node-3");
  const Refusal refusal = decode_refusal(answer_over_tls(one.network->address(), third, hello_to(1, 2)));
  EXPECT_EQ(refusal.code, RefusalCode::wrong_certificate);
  EXPECT_THAT(refusal.sentence, HasSubstr("its certificate has no name lode-node-2"));
  decode_welcome(answer_over_tls(one.network->address(), third, hello_to(1, 3)));
}

TEST(PeerTls, PlainAndTlsDoNotMeet) {
  TestCa ca;
  TestNode one(test_settings(1)), two(with_tls(2, ca.issue("lode-node-2")));
  EXPECT_NE(error_between(one, two), "");
}

TEST(PeerTls, GarbageOnTheTlsPort) {
  TestCa ca;
  TestNode one(with_tls(1, ca.issue("lode-node-1"))), two(with_tls(2, ca.issue("lode-node-2")));
  for (const char* garbage : {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02"}) {
    BareSocket bad = BareSocket::connect_to(one.network->address());
    bad.send(garbage);
    if (garbage[0] == 'G') {
      try {
        bad.is_closed_by_other();
      } catch (const BadFrame&) {  // OpenSSL's alert is no frame of ours
      }
    }
  }
  join(one, two);
}

TEST(PeerTls, MayBeOffOnLoopbackOnly) {
  Settings settings = test_settings(1);
  settings.peers = {{{2}, "[::1]:7071"}, {{3}, "localhost:7071"}};
  EXPECT_EQ(why_not(settings), "");
  settings.peers.push_back({{4}, "10.1.2.3:7071"});
  EXPECT_THAT(why_not(settings), HasSubstr("10.1.2.3:7071 is not an address of this machine alone"));
  settings.peers.clear();
  settings.listen = "0.0.0.0:0";
  EXPECT_THAT(why_not(settings),
              HasSubstr("set cluster.tls_certificate, cluster.tls_key and cluster.tls_ca"));

  TestNode node(test_settings(1));
  node.knows({{{4}, "10.1.2.3:7071"}});  // by a change of the members
  EXPECT_TRUE(eventually([&] { return !node.link(4).last_error.empty(); }));
  EXPECT_THAT(node.link(4).last_error, HasSubstr("is not an address of this machine alone"));
}

TEST(PeerTls, FilesAreLookedAtFirst) {
  TestCa ca, other;
  const TlsFiles good = ca.issue("lode-node-1");
  EXPECT_EQ(why_not(with_tls(1, good)), "");
  EXPECT_THAT(why_not(with_tls(2, good)),
              HasSubstr("lode-node-2 is not among its subject alternative names"));
  TlsFiles files = good;
  files.key = ca.issue("lode-node-1").key;
  EXPECT_THAT(why_not(with_tls(1, files)), HasSubstr("cluster.tls_key"));
  files = good;
  files.ca = "/nowhere/ca.pem";
  EXPECT_THAT(why_not(with_tls(1, files)), HasSubstr("cluster.tls_ca: '/nowhere/ca.pem' can't be used"));
  files = good;
  files.certificate = good.key;
  EXPECT_THAT(why_not(with_tls(1, files)), HasSubstr("cluster.tls_certificate"));
  EXPECT_THAT(why_not(with_tls(1, ca.issue("*.lode-node-1"))), HasSubstr("not this node's"));
}

TEST(PeerTls, ReloadLeavesConnectionsAlone) {
  TestCa ca, other;
  const TlsFiles files = ca.issue("lode-node-1");
  TestNode one(with_tls(1, files));
  auto two = std::make_unique<TestNode>(with_tls(2, ca.issue("lode-node-2")));
  join(one, *two);
  ca.issue_again(files, "lode-node-1");
  one.network->reload_tls();
  EXPECT_TRUE(one.send(2, raft::TimeoutNow{}));
  two->messages(1);
  EXPECT_EQ(one.link(2).connects, 1u);

  // A certificate that is not this node's is not taken.
  ca.issue_again(files, "lode-node-3");
  EXPECT_THROW(one.network->reload_tls(), std::runtime_error);

  // New connections show the new certificate, here one that nobody believes.
  other.issue_again(files, "lode-node-1");
  one.network->reload_tls();
  EXPECT_TRUE(one.link(2).connected);
  two = std::make_unique<TestNode>(with_tls(2, ca.issue("lode-node-2")));
  error_between(one, *two);
}

}  // namespace
}  // namespace lode::peer
