// Command goroutine-mutex is a key-value server of the kind that is written first: a goroutine for each client, and
// one mutex around one map. It is here to be compared with.
//
//	goroutine-mutex HOST:PORT        serves until it is killed
//
// It speaks four verbs of Swiftlet's line dialect with Swiftlet's replies: PUT, GET, DELETE and LIST. It knows no
// quotes and no patterns: keys and values are taken, and shown, as they stand.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
	"sync"
)

// lineBytesMax bounds what a client can make the server keep.
const lineBytesMax = 2 << 20

var (
	putVerb    = []byte("PUT")
	getVerb    = []byte("GET")
	deleteVerb = []byte("DELETE")
	listVerb   = []byte("LIST")
)

type store struct {
	mutex  sync.Mutex
	values map[string]string
}

func (s *store) put(key, value []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.values[string(key)] = string(value)
}

func (s *store) get(key []byte) (string, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	value, found := s.values[string(key)]
	return value, found
}

func (s *store) delete(key []byte) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	_, found := s.values[string(key)]
	delete(s.values, string(key))
	return found
}

// list returns the keys of one moment.
func (s *store) list() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	keys := make([]string, 0, len(s.values))
	for key := range s.values {
		keys = append(keys, key)
	}
	return keys
}

// flushing sends what has been answered before it waits for more, so that a batch of requests takes one write.
type flushing struct {
	net.Conn
	output *bufio.Writer
}

func (f flushing) Read(space []byte) (int, error) {
	if err := f.output.Flush(); err != nil {
		return 0, err
	}
	return f.Conn.Read(space)
}

// wholeLines is a bufio.SplitFunc that drops a last line without a line feed: half a PUT stores nothing.
func wholeLines(data []byte, _ bool) (int, []byte, error) {
	end := bytes.IndexByte(data, '\n')
	if end < 0 {
		return 0, nil, nil
	}
	return end + 1, bytes.TrimSuffix(data[:end], []byte("\r")), nil
}

func serve(connection net.Conn, s *store) {
	defer connection.Close()
	output := bufio.NewWriter(connection)
	lines := bufio.NewScanner(flushing{connection, output})
	lines.Buffer(nil, lineBytesMax)
	lines.Split(wholeLines)
	for lines.Scan() {
		if len(lines.Bytes()) > 0 {
			execute(lines.Bytes(), s, output)
		}
	}
	output.Flush()
}

// execute answers one request; an error of the output stays with it, and ends the client at the next flush.
func execute(line []byte, s *store, output *bufio.Writer) {
	verb, rest, _ := bytes.Cut(line, []byte(" "))
	switch {
	case bytes.EqualFold(verb, putVerb):
		key, value, _ := bytes.Cut(rest, []byte(" "))
		if len(key) == 0 || len(value) == 0 {
			output.WriteString("ERROR PUT takes a key and a value: PUT key value\n")
			return
		}
		s.put(key, value)
		output.WriteString("OK\n")
	case bytes.EqualFold(verb, getVerb):
		value, found := s.get(rest)
		if !found {
			output.WriteString("ERROR key not found\n")
			return
		}
		output.WriteString("VALUE ")
		output.WriteString(value)
		output.WriteByte('\n')
	case bytes.EqualFold(verb, deleteVerb):
		if !s.delete(rest) {
			output.WriteString("ERROR key not found\n")
			return
		}
		output.WriteString("OK\n")
	case bytes.EqualFold(verb, listVerb):
		keys := s.list()
		for _, key := range keys {
			output.WriteString("KEY ")
			output.WriteString(key)
			output.WriteByte('\n')
		}
		output.WriteString("END ")
		output.WriteString(strconv.Itoa(len(keys)))
		output.WriteByte('\n')
	default:
		fmt.Fprintf(output, "ERROR unknown command %q: there are PUT, GET, DELETE and LIST\n", verb)
	}
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: goroutine-mutex HOST:PORT")
	}
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("ready on %v", listener.Addr())
	s := &store{values: make(map[string]string)}
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(connection, s)
	}
}
