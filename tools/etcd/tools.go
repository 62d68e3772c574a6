//go:build tools

// Package tools names the etcd program that the tests run, so that go.sum covers it.
package tools

import _ "go.etcd.io/etcd/server/v3"
