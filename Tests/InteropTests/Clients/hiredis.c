/* Uses a server through libhiredis, as a program in C would: blocking, pipelined, binary.
 * usage: hiredis PORT. Prints `ok`, or what is wrong, and then ends with 1. */

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what, const char *why) {
  printf("FAILED %s: %s\n", what, why);
  exit(1);
}

static void expect(int holds, const char *what) {
  if (!holds) fail(what, "not as expected");
}

/* A reply, which has to be of this type. */
static redisReply *take(redisContext *context, void *reply, int type, const char *what) {
  redisReply *taken = reply;
  if (!taken) fail(what, context->errstr);
  if (taken->type != type) fail(what, taken->str ? taken->str : "another type of reply");
  return taken;
}

static void values(redisContext *context) {
  freeReplyObject(take(context, redisCommand(context, "FLUSHALL"), REDIS_REPLY_STATUS, "FLUSHALL"));
  freeReplyObject(take(context, redisCommand(context, "SET %s %s", "key", "value"), REDIS_REPLY_STATUS, "SET"));
  redisReply *reply = take(context, redisCommand(context, "GET key"), REDIS_REPLY_STRING, "GET");
  expect(reply->len == 5 && !memcmp(reply->str, "value", 5), "GET");
  freeReplyObject(reply);
  freeReplyObject(take(context, redisCommand(context, "GET nothing"), REDIS_REPLY_NIL, "GET of nothing"));
  reply = take(context, redisCommand(context, "INCRBY n %d", 42), REDIS_REPLY_INTEGER, "INCRBY");
  expect(reply->integer == 42, "INCRBY");
  freeReplyObject(reply);
  freeReplyObject(take(context, redisCommand(context, "INCR key"), REDIS_REPLY_ERROR, "INCR of a text"));
  reply = take(context, redisCommand(context, "MGET key nothing n"), REDIS_REPLY_ARRAY, "MGET");
  expect(reply->elements == 3 && reply->element[1]->type == REDIS_REPLY_NIL, "MGET");
  freeReplyObject(reply);
}

static void binary(redisContext *context) {
  size_t size = 3 * 1000 * 1000;
  char *bytes = malloc(size);
  for (size_t index = 0; index < size; index++) bytes[index] = (char)(index * 31);
  freeReplyObject(
      take(context, redisCommand(context, "SET %b %b", bytes, (size_t)300, bytes, size), REDIS_REPLY_STATUS, "SET %b"));
  redisReply *reply = take(context, redisCommand(context, "GET %b", bytes, (size_t)300), REDIS_REPLY_STRING, "GET %b");
  expect(reply->len == (size_t)size && !memcmp(reply->str, bytes, size), "GET %b");
  freeReplyObject(reply);
  free(bytes);
}

static void pipeline(redisContext *context) {
  enum { count = 20000 };
  for (int index = 0; index < count; index++) {
    redisAppendCommand(context, "SET k%d %d", index, index);
    redisAppendCommand(context, "GET k%d", index);
  }
  for (int index = 0; index < count; index++) {
    void *reply = NULL;
    redisGetReply(context, &reply);
    freeReplyObject(take(context, reply, REDIS_REPLY_STATUS, "a pipelined SET"));
    redisGetReply(context, &reply);
    redisReply *value = take(context, reply, REDIS_REPLY_STRING, "a pipelined GET");
    expect(atoi(value->str) == index, "a pipelined GET");
    freeReplyObject(value);
  }
}

static void transaction(redisContext *context) {
  freeReplyObject(take(context, redisCommand(context, "MULTI"), REDIS_REPLY_STATUS, "MULTI"));
  freeReplyObject(take(context, redisCommand(context, "SET a 1"), REDIS_REPLY_STATUS, "a queued SET"));
  freeReplyObject(take(context, redisCommand(context, "INCR a"), REDIS_REPLY_STATUS, "a queued INCR"));
  redisReply *reply = take(context, redisCommand(context, "EXEC"), REDIS_REPLY_ARRAY, "EXEC");
  expect(reply->elements == 2 && reply->element[1]->integer == 2, "EXEC");
  freeReplyObject(reply);
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  struct timeval patience = {10, 0};
  redisContext *context = redisConnectWithTimeout("127.0.0.1", atoi(arguments[1]), patience);
  if (!context || context->err) fail("connect", context ? context->errstr : "no memory");
  redisSetTimeout(context, patience);
  values(context);
  binary(context);
  pipeline(context);
  transaction(context);
  redisFree(context);
  printf("ok\n");
  return 0;
}
