// Checks Manzil's checkpoints and proofs with the Go project's own transparency log code.
// It reads what to check as JSON from standard input, prints what it checked, and exits with 1 at the first
// thing that does not hold. Run by GoInteropTests.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type inclusion struct {
	Size  int64
	Root  []byte
	Index int64
	Entry []byte
	Proof [][]byte
}

type consistency struct {
	Size1, Size2 int64
	Root1, Root2 []byte
	Proof        [][]byte
}

type input struct {
	PrivateKey  string
	VerifierKey string
	Notes       []string
	TextToSign  string
	Inclusion   []inclusion
	Consistency []consistency
}

type output struct {
	Notes, Inclusion, Consistency int
	Signed                        string
}

func main() {
	var in input
	must(json.NewDecoder(os.Stdin).Decode(&in))

	verifier, err := note.NewVerifier(in.VerifierKey)
	must(err)
	for _, text := range in.Notes {
		_, err := note.Open([]byte(text), note.VerifierList(verifier))
		must(err)
	}

	for _, p := range in.Inclusion {
		must(tlog.CheckRecord(hashes(p.Proof), p.Size, hash(p.Root), p.Index, tlog.RecordHash(p.Entry)))
	}

	for _, p := range in.Consistency {
		must(tlog.CheckTree(hashes(p.Proof), p.Size2, hash(p.Root2), p.Size1, hash(p.Root1)))
	}

	signer, err := note.NewSigner(in.PrivateKey)
	must(err)
	signed, err := note.Sign(&note.Note{Text: in.TextToSign}, signer)
	must(err)

	must(json.NewEncoder(os.Stdout).Encode(output{len(in.Notes), len(in.Inclusion), len(in.Consistency), string(signed)}))
}

func hash(bytes []byte) (h tlog.Hash) {
	if copy(h[:], bytes) != tlog.HashSize || len(bytes) != tlog.HashSize {
		must(fmt.Errorf("a hash has %d bytes", len(bytes)))
	}
	return h
}

func hashes(list [][]byte) []tlog.Hash {
	var result []tlog.Hash
	for _, bytes := range list {
		result = append(result, hash(bytes))
	}
	return result
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
