// Requests that come from several clients in one turn, and are executed together.

import TestSupport
import Testing

@testable import Reactor

@Suite struct GatheringTests {
  /// A scene with clients that have each sent one request before, so that their next ones are gathered.
  private static func scene(clients count: Int) throws -> (Scene, [Peer]) {
    let scene = try Scene()
    let peers = (0..<count).map { _ in scene.connect() }
    for (index, peer) in peers.enumerated() { #expect(scene.ask(peer, "SET k\(index) v\(index)") == "+OK") }
    return (scene, peers)
  }

  @Test(arguments: [1, 2, 15, 16, 17, 40])
  func `each client gets the reply to its own request`(count: Int) throws {
    let (scene, peers) = try Self.scene(clients: count)
    for (index, peer) in peers.enumerated() { peer.put(["GET k\(index)"]) }
    scene.turn()
    for (index, peer) in peers.enumerated() { #expect(peer.take() == "$\("v\(index)".count) v\(index)") }
  }

  @Test func `whatever else comes in between is executed for whom it came from`() throws {
    let (scene, peers) = try Self.scene(clients: 6)
    peers[0].put(["GET k0"])
    peers[1].put(["GET k1", "GET k2", "GET k3"])
    scene.machine.sockets[peers[2].socket]!.input = Array("*2\r\n$3\r\nGET\r\n$2".utf8)
    peers[3].put(["NONSENSE"])
    scene.machine.sockets[peers[4].socket]!.input = Array("PING\r\n".utf8)
    peers[5].put(["GET k5"])
    scene.turn()
    #expect(peers[0].take() == "$2 v0")
    #expect(peers[1].take() == "$2 v1 $2 v2 $2 v3")
    #expect(peers[2].take() == "")
    #expect(peers[3].take().hasPrefix("-ERR unknown command 'NONSENSE'"))
    #expect(peers[4].take() == "+PONG")
    #expect(peers[5].take() == "$2 v5")
    scene.machine.sockets[peers[2].socket]!.input = Array("\r\nk2\r\n".utf8)
    scene.turn()
    #expect(peers[2].take() == "$2 v2")
  }

  @Test func `a protocol error among them closes its own connection`() throws {
    let (scene, peers) = try Self.scene(clients: 3)
    peers[0].put(["GET k0"])
    scene.machine.sockets[peers[1].socket]!.input = Array("*1\r\n$x\r\n".utf8)
    peers[2].put(["GET k2"])
    scene.turn(2)
    #expect(peers[0].take() == "$2 v0")
    #expect(peers[1].take() == "-ERR Protocol error: invalid bulk length")
    #expect(peers[2].take() == "$2 v2")
  }

  @Test(arguments: ["GET k2", "PING", "NONSENSE"])
  func `a request of a client that another one kills in the same turn is not executed`(_ request: String) throws {
    let (scene, peers) = try Self.scene(clients: 4)
    peers[0].put(["CLIENT KILL ADDR client:\(peers[2].socket)"])
    peers[1].put(["GET k1"])
    peers[2].put([request])
    peers[3].put(["GET k3"])
    scene.turn()
    #expect(peers[0].take() == ":1")
    #expect(peers[1].take() == "$2 v1")
    #expect(peers[2].take() == "")
    #expect(scene.machine.sockets[peers[2].socket]!.isClosed)
    #expect(peers[3].take() == "$2 v3")
    #expect(scene.server.holdings.connections == 3)
  }

  @Test func `the last one may be killed by those before it although it is not gathered`() throws {
    let (scene, peers) = try Self.scene(clients: 2)
    peers[0].put(["CLIENT KILL ADDR client:\(peers[1].socket)"])
    peers[1].put(["SET k0 a", "SET k0 b"])
    scene.turn()
    #expect(peers[0].take() == ":1")
    #expect(scene.ask(peers[0], "GET k0") == "$2 v0")
  }

  @Test func `who is held up by another one's pause is answered after it`() throws {
    let (scene, peers) = try Self.scene(clients: 3)
    peers[0].put(["CLIENT PAUSE 200 ALL"])
    peers[1].put(["SET k1 new"])
    peers[2].put(["GET k1"])
    scene.turn(3)
    #expect(peers[0].take() == "+OK")
    #expect(peers[1].take() == "")
    #expect(peers[2].take() == "")
    #expect(scene.server.holdings.buffers == 2)
    scene.wait(300)
    scene.settle()
    #expect(peers[1].take() == "+OK")
    #expect(peers[2].take() == "$3 new")
    #expect(scene.server.holdings.buffers == 0)
  }

  @Test func `a change that is not safe yet holds the replies that tell of it and no others`() throws {
    let (scene, peers) = try Self.scene(clients: 3)
    peers[0].put(["SET k0 new"])
    peers[1].put(["GET k0"])
    peers[2].put(["GET k2"])
    scene.turn(2)
    #expect(peers[0].take() == "")
    #expect(peers[1].take() == "")
    #expect(peers[2].take() == "$2 v2")
    scene.settle()
    #expect(peers[0].take() == "+OK")
    #expect(peers[1].take() == "$3 new")
  }

  @Test func `all that came before a stop is answered`() throws {
    let (scene, peers) = try Self.scene(clients: 3)
    peers[0].put(["SHUTDOWN"])
    peers[1].put(["GET k1"])
    peers[2].put(["GET k2"])
    scene.settle()
    #expect(peers[1].take() == "$2 v1")
    #expect(peers[2].take() == "$2 v2")
    scene.wait(2_000)
    scene.settle()
    #expect(scene.server.exitStatus == .finished)
  }
}
