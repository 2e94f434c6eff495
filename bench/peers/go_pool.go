// Go's net/http with a pool of workers, as a page of Go has it: a CSV of URLs in, a CSV of results out.
//
// Usage: go_pool [-workers N] [-cacert FILE] [-dns ADDRESS:PORT] LIST.csv OUT.csv
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

type result struct {
	url    string
	status int
	bytes  int64
	took   time.Duration
	err    error
}

func main() {
	workers := flag.Int("workers", 64, "requests in flight")
	cacert := flag.String("cacert", "", "a file of trusted certificates")
	dns := flag.String("dns", "", "address and port of a name server")
	flag.Parse()
	client := &http.Client{Transport: transport(*workers, *cacert, *dns), Timeout: 30 * time.Second}

	input, err := os.Open(flag.Arg(0))
	check(err)
	output, err := os.Create(flag.Arg(1))
	check(err)
	urls := make(chan string, *workers)
	results := make(chan result, *workers)
	go read(bufio.NewReader(input), urls)
	var pool sync.WaitGroup
	for range *workers {
		pool.Add(1)
		go func() {
			defer pool.Done()
			for url := range urls {
				results <- fetch(client, url)
			}
		}()
	}
	go func() {
		pool.Wait()
		close(results)
	}()
	write(output, results)
	check(output.Close())
}

func transport(workers int, cacert, dns string) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if dns != "" {
		dialer.Resolver = &net.Resolver{
			PreferGo: true,
			Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, dns)
			},
		}
	}
	t := &http.Transport{
		DialContext:         dialer.DialContext,
		MaxIdleConns:        workers,
		MaxIdleConnsPerHost: workers,
		TLSHandshakeTimeout: 10 * time.Second,
	}
	if cacert != "" {
		pem, err := os.ReadFile(cacert)
		check(err)
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		t.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	return t
}

func read(input io.Reader, urls chan<- string) {
	rows := csv.NewReader(input)
	rows.ReuseRecord = true
	_, err := rows.Read()
	check(err)
	for {
		row, err := rows.Read()
		if err == io.EOF {
			close(urls)
			return
		}
		check(err)
		urls <- row[0]
	}
}

func fetch(client *http.Client, url string) result {
	began := time.Now()
	response, err := client.Get(url)
	if err != nil {
		return result{url: url, err: err}
	}
	defer response.Body.Close()
	size, err := io.Copy(io.Discard, response.Body)
	return result{url, response.StatusCode, size, time.Since(began), err}
}

func write(output io.Writer, results <-chan result) {
	rows := csv.NewWriter(output)
	check(rows.Write([]string{"url", "status", "error", "bytes", "ms"}))
	for r := range results {
		problem := ""
		if r.err != nil {
			problem = r.err.Error()
		}
		ms := strconv.FormatInt(r.took.Milliseconds(), 10)
		check(rows.Write([]string{r.url, strconv.Itoa(r.status), problem, fmt.Sprint(r.bytes), ms}))
	}
	rows.Flush()
	check(rows.Error())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
