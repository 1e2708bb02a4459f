"""Uses a server through a client library of Python's, redis or valkey, as an application would.

usage: library.py redis|valkey PORT PROTOCOL

Prints one line a check, `ok NAME` or `FAILED NAME: why`; ends with 1 if one failed.
"""

import importlib
import sys
import threading
import time
import traceback

library, port, protocol = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
module = importlib.import_module(library)
exceptions = importlib.import_module(library + ".exceptions")
Lock = importlib.import_module(library + ".lock").Lock
Client = module.Redis if library == "redis" else module.Valkey
checks = []


def check(function):
    checks.append(function)
    return function


def connect(**options):
    settings = dict(port=port, protocol=protocol, decode_responses=True, socket_timeout=10)
    return Client(**{**settings, **options})


def equal(found, expected):
    if found != expected:
        raise AssertionError(f"{found!r} is not {expected!r}")


def near(found, low, high):
    if not low <= found <= high:
        raise AssertionError(f"{found!r} is not within {low!r} and {high!r}")


def refuses(kind, words, call):
    try:
        reply = call()
    except kind as error:
        if words not in str(error):
            raise AssertionError(f"{words!r} is not in {str(error)!r}") from error
        return
    raise AssertionError(f"no error but {reply!r}")


@check
def values(client):
    equal(client.set("k", "v"), True)
    equal(client.get("k"), "v")
    equal(client.get("nothing"), None)
    equal(client.set("k", "w", nx=True), None)
    equal(client.set("k", "w", xx=True, get=True), "v")
    equal(client.execute_command("GETSET", "k", "x"), "w")
    equal(client.getdel("k"), "x")
    equal(client.exists("k", "k"), 0)
    equal(client.append("k", "abc"), 3)
    equal(client.getrange("k", 1, -1), "bc")
    equal(client.setrange("k", 5, "z"), 6)
    equal(client.get("k"), "abc\0\0z")
    equal(client.strlen("k"), 6)
    equal(client.delete("k", "nothing"), 1)


@check
def bytes_of_all_kinds(client):
    raw = connect(decode_responses=False)
    value = bytes(range(256)) * 40
    equal(raw.set(value, value), True)
    equal(raw.get(value), value)
    equal(raw.keys(), [value])
    large = b"x" * 5_000_000
    equal(raw.set("large", large), True)
    equal(raw.get("large") == large, True)
    raw.close()


@check
def counters(client):
    equal(client.incr("n"), 1)
    equal(client.incr("n", 41), 42)
    equal(client.decr("n", 2), 40)
    equal(client.incrbyfloat("n", 0.5), 40.5)
    equal(client.get("n"), "40.5")
    refuses(exceptions.ResponseError, "value is not an integer or out of range", lambda: client.incr("n"))


@check
def several_at_once(client):
    equal(client.mset({"a": "1", "b": "2"}), True)
    equal(client.mget("a", "b", "c"), ["1", "2", None])
    equal(client.msetnx({"b": "3", "c": "3"}), False)
    equal(client.msetnx({"c": "3", "d": "4"}), True)
    equal(client.dbsize(), 4)
    equal(client.unlink("a", "b"), 2)
    equal(sorted(client.keys("*")), ["c", "d"])
    equal(client.flushdb(), True)
    equal(client.dbsize(), 0)


@check
def expiry(client):
    equal(client.set("k", "v", ex=100), True)
    near(client.ttl("k"), 98, 100)
    equal(client.expire("k", 1000, gt=True), True)
    near(client.pttl("k"), 990_000, 1_000_000)
    equal(client.expireat("k", 4102444800), True)
    equal(client.expiretime("k"), 4102444800)
    equal(client.pexpiretime("k"), 4102444800000)
    equal(client.persist("k"), True)
    equal(client.ttl("k"), -1)
    equal(client.ttl("nothing"), -2)
    equal(client.execute_command("SETEX", "k", 10, "w"), True)
    equal(client.getex("k", px=30), "w")
    time.sleep(0.06)
    equal(client.get("k"), None)
    equal(client.execute_command("PSETEX", "k", 20, "w"), True)
    time.sleep(0.05)
    equal(client.exists("k"), 0)


@check
def keys(client):
    client.set("a", "1")
    equal(client.rename("a", "b"), True)
    equal(client.renamenx("b", "c"), True)
    equal(client.copy("c", "d"), True)
    equal(client.type("d"), "string")
    equal(client.type("nothing"), "none")
    equal(client.touch("c", "d"), 2)
    equal(client.randomkey() in ("c", "d"), True)
    refuses(exceptions.ResponseError, "no such key", lambda: client.rename("nothing", "e"))


@check
def scanning(client):
    client.mset({f"key:{number}": number for number in range(1000)})
    client.mset({f"other:{number}": number for number in range(100)})
    equal(len(set(client.scan_iter())), 1100)
    equal(len(set(client.scan_iter(match="key:*", count=37))), 1000)
    equal(len(set(client.scan_iter(match="key:?"))), 10)
    equal(list(client.scan_iter(_type="list")), [])


@check
def pipelines(client):
    pipeline = client.pipeline(transaction=False)
    for number in range(5000):
        pipeline.set(f"k{number}", number)
        pipeline.get(f"k{number}")
    replies = pipeline.execute()
    equal(replies[0::2], [True] * 5000)
    equal(replies[1::2], [str(number) for number in range(5000)])


@check
def transactions(client):
    with client.pipeline() as pipeline:
        equal(pipeline.set("a", 1).incr("a").get("a").execute(), [True, 2, "2"])
    client.set("text", "x")
    with client.pipeline() as pipeline:
        replies = pipeline.incr("text").set("b", "1").execute(raise_on_error=False)
    equal(isinstance(replies[0], exceptions.ResponseError), True)
    equal(client.get("b"), "1")
    with client.pipeline() as pipeline:
        pipeline.set("c", 1)
        pipeline.execute_command("SET", "c")
        refuses(exceptions.ResponseError, "", pipeline.execute)
    equal(client.get("c"), None)


@check
def transactions_that_are_tried_again(client):
    client.set("n", 0)

    def add():
        own = connect()
        for _ in range(25):
            own.transaction(increment, "n")
        own.close()

    def increment(pipeline):
        value = int(pipeline.get("n"))
        pipeline.multi()
        pipeline.set("n", value + 1)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    equal(client.get("n"), "100")
    with client.pipeline() as pipeline:
        pipeline.watch("n")
        client.set("n", "other")
        pipeline.multi()
        pipeline.set("n", "mine")
        refuses(exceptions.WatchError, "", pipeline.execute)
    equal(client.get("n"), "other")


@check
def publish_and_subscribe(client):
    listener = client.pubsub()
    listener.subscribe("news")
    listener.psubscribe("n*")
    expect = lambda kind, data: equal([(m := listener.get_message(timeout=5))["type"], m["data"]], [kind, data])
    expect("subscribe", 1)
    expect("psubscribe", 2)
    equal(client.publish("news", "hello"), 2)
    equal({listener.get_message(timeout=5)["type"] for _ in range(2)}, {"message", "pmessage"})
    equal(client.pubsub_channels(), ["news"])
    equal(client.pubsub_numsub("news", "none"), [("news", 1), ("none", 0)])
    equal(client.pubsub_numpat(), 1)
    if protocol == 2:
        listener.ping()
        equal(listener.get_message(timeout=5)["type"], "pong")
    listener.unsubscribe()
    listener.punsubscribe()
    expect("unsubscribe", 1)
    expect("punsubscribe", 0)
    equal(client.publish("news", "nobody"), 0)
    listener.close()


@check
def listening_in_a_thread(client):
    heard = []
    listener = client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(news=lambda message: heard.append(message["data"]))
    thread = listener.run_in_thread(sleep_time=0.01)
    for number in range(100):
        client.publish("news", number)
    deadline = time.time() + 5
    while len(heard) < 100 and time.time() < deadline:
        time.sleep(0.01)
    thread.stop()
    thread.join(5)
    equal(heard, [str(number) for number in range(100)])


@check
def lists_are_refused_by_name(client):
    refuses(exceptions.ResponseError, "unknown command", lambda: client.lpush("list", "a"))
    equal(client.ping(), True)


@check
def locks_without_scripts(client):
    equal(client.set("lock", "mine", nx=True, px=10_000), True)
    equal(client.set("lock", "other", nx=True, px=10_000), None)
    equal(client.execute_command("DELIFEQ", "lock", "other"), 0)
    equal(client.execute_command("DELIFEQ", "lock", "mine"), 1)


@check
def locks(client):
    first = client.lock("lock", timeout=10)
    second = connect().lock("lock", timeout=10, blocking=False)
    equal(first.acquire(), True)
    equal(first.owned(), True)
    equal(second.acquire(), False)
    equal(second.locked(), True)
    near(client.pttl("lock"), 9_000, 10_000)
    equal(first.extend(20), True)
    near(client.pttl("lock"), 28_000, 30_000)
    equal(first.extend(5, replace_ttl=True), True)
    near(client.pttl("lock"), 4_000, 5_000)
    equal(first.reacquire(), True)
    near(client.pttl("lock"), 9_000, 10_000)
    first.release()
    equal(client.exists("lock"), 0)
    equal(second.acquire(), True)
    second.release()
    with client.lock("lock", timeout=10):
        equal(client.exists("lock"), 1)
    equal(client.exists("lock"), 0)


@check
def locks_that_are_lost(client):
    lock = client.lock("lock", timeout=0.03)
    equal(lock.acquire(), True)
    time.sleep(0.06)
    refuses(exceptions.LockNotOwnedError, "no longer owned", lambda: lock.extend(1))
    refuses(exceptions.LockNotOwnedError, "no longer owned", lock.reacquire)
    other = client.lock("lock", timeout=10)
    equal(other.acquire(blocking=False), True)
    refuses(exceptions.LockNotOwnedError, "no longer owned", lock.release)
    equal(other.owned(), True)
    other.release()
    refuses(exceptions.LockError, "unlocked", other.release)


@check
def locks_of_many(client):
    held = []

    def count():
        with connect() as own:
            for _ in range(20):
                with own.lock("lock", timeout=10, sleep=0.001):
                    held.append(1)
                    equal(len(held), 1)
                    own.set("count", int(own.get("count") or 0) + 1)
                    held.pop()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    equal(client.get("count"), "80")
    equal(client.exists("lock"), 0)


@check
def scripts(client):
    release = client.register_script(Lock.LUA_RELEASE_SCRIPT)
    equal(client.script_exists(release.sha), [True])
    equal(client.script_load(Lock.LUA_RELEASE_SCRIPT), release.sha)
    client.set("lock", "mine")
    equal(client.eval(Lock.LUA_RELEASE_SCRIPT, 1, "lock", "other"), 0)
    equal(client.evalsha(release.sha, 1, "lock", "mine"), 1)
    with client.pipeline() as pipe:
        pipe.set("lock", "mine")
        release(keys=["lock"], args=["mine"], client=pipe)
        pipe.exists("lock")
        equal(pipe.execute(), [True, 1, 0])
    refuses(exceptions.ResponseError, "Swiftlet runs no Lua", lambda: client.eval("return 1", 0))
    refuses(exceptions.NoScriptError, "No matching script", lambda: client.evalsha("0" * 40, 0))
    refuses(exceptions.ResponseError, "Swiftlet runs no Lua", client.register_script("return 1"))


@check
def the_connection(client):
    equal(client.ping(), True)
    equal(client.echo("hello"), "hello")
    equal(client.client_setname("tester"), True)
    equal(client.client_getname(), "tester")
    equal(client.client_setinfo("LIB-NAME", "swiftlet-test"), True)
    equal(client.client_id() > 0, True)
    equal(client.client_info()["name"], "tester")
    equal([c["lib-name"] for c in client.client_list() if c["name"] == "tester"], ["swiftlet-test"])
    other = connect(single_connection_client=True)
    other.ping()
    equal(client.client_kill_filter(_id=other.client_id()), 1)
    other.close()


@check
def the_server(client):
    equal(client.info()["redis_version"] >= "7", True)
    equal("used_memory" in client.info("memory"), True)
    equal(int(client.config_get("maxmemory")["maxmemory"]) >= 0, True)
    equal(client.config_resetstat(), True)
    equal(len(client.time()), 2)
    equal(client.role()[0], "master")
    equal(client.command_count() > 50, True)
    equal(client.command_getkeys("MSET", "a", "1", "b", "2"), ["a", "b"])
    equal(client.slowlog_len() >= 0, True)
    equal(client.slowlog_get() is not None, True)
    equal(client.wait(0, 0), 0)
    equal(client.script_flush() in (True, "OK"), True)


@check
def values_as_they_are_kept(client):
    client.set("k", "12345")
    equal(client.object("encoding", "k"), "int")
    equal(client.memory_usage("k") > 0, True)
    dump = connect(decode_responses=False).dump("k")
    equal(client.restore("copy", 0, dump), "OK")
    equal(client.get("copy"), "12345")


@check
def bits(client):
    equal(client.setbit("b", 7, 1), 0)
    equal(client.getbit("b", 7), 1)
    equal(client.bitcount("b"), 1)
    equal(client.bitpos("b", 1), 7)
    client.set("c", "\x03")
    equal(client.bitop("OR", "d", "b", "c"), 1)
    equal(client.get("d"), "\x03")


def main():
    failures = 0
    for function in checks:
        client = connect()
        try:
            client.flushall()
            function(client)
            print(f"ok {function.__name__}")
        except Exception as error:
            failures += 1
            where = traceback.extract_tb(error.__traceback__)
            line = next((frame.lineno for frame in reversed(where) if frame.filename == __file__), 0)
            print(f"FAILED {function.__name__}, line {line}: {type(error).__name__}: {error}")
        finally:
            client.close()
    sys.exit(1 if failures else 0)


main()
