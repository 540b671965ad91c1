import { describe, expect, test } from 'vitest'
import { parsePrometheus } from './read-prometheus.ts'

function parse(text: string) {
  const mistakes: string[] = []
  const configs = parsePrometheus(text, { mistakes, name: 'HUB_PROMETHEUS' } as never)
  return { configs, mistakes }
}

describe('HUB_PROMETHEUS', () => {
  test('names Services and addresses, with what their series carry', () => {
    const { configs, mistakes } = parse(
      'prod=monitoring/prometheus-operated:9090,dev=https:openshift-monitoring/thanos-querier:web,*=https://prom.example.com/p/;token-file:/run/t;ca-file:/run/ca;label:cluster=a;pod-label:kubernetes_pod_name',
    )
    expect(mistakes).toEqual([])
    const own = { namespaceLabel: 'namespace', podLabel: 'pod', labels: new Map() }
    expect(Object.fromEntries(configs)).toEqual({
      prod: {
        ...own,
        at: {
          type: 'service',
          namespace: 'monitoring',
          service: 'prometheus-operated',
          port: '9090',
          scheme: 'http',
        },
      },
      dev: {
        ...own,
        at: {
          type: 'service',
          namespace: 'openshift-monitoring',
          service: 'thanos-querier',
          port: 'web',
          scheme: 'https',
        },
      },
      '*': {
        at: {
          type: 'url',
          url: 'https://prom.example.com/p',
          tokenFile: '/run/t',
          caFile: '/run/ca',
        },
        namespaceLabel: 'namespace',
        podLabel: 'kubernetes_pod_name',
        labels: new Map([['cluster', 'a']]),
      },
    })
  })

  test.each([
    ['prod', 'write <instance>=<where>'],
    ['PROD=monitoring/prom:9090', 'write <instance>=<where>'],
    ['prod=http://prom.example.com', 'an https address'],
    ['prod=https://u:s3cret@prom.example.com', 'without a name'],
    ['prod=https://u:with/s3cret@prom.example.com', 'without a name'],
    ['prod=https://u:with@s3cret@prom.example.com', 'without a name'],
    ['PROD=https://u:s3cret@prom.example.com', 'write <instance>=<where>'],
    ['PROD=https://prom.example.com;token:s3cret', 'write <instance>=<where>'],
    ['prod=https://prom.example.com/?token=s3cret', 'an https address'],
    ['prod=https://prom.example.com;token:s3cret', 'the option "token:…", which is none'],
    ['prod=https://prom.example.com;token=s3cret', 'the option "token:…", which is none'],
    ['prod=https://u:x/s3cret@prom.example.com', 'without a name'],
    ['prod=https://u:x@s3cret@prom.example.com', 'without a name'],
    ['prod=https://u:x;s3cret@prom.example.com', 'which is none'],
    ['https://u:s3cret@prom.example.com', 'write <instance>=<where>'],
    ['prod=https://prom.example.com/?a=b', 'an https address'],
    ['prod=https://prom.example.com/#part', 'an https address'],
    ['prod=https://:s3cret@prom.example.com', 'without a name'],
    ['prod=ftp://localhost/p', 'an https address'],
    ['prod=prometheus', 'write <namespace>/<service>:<port>'],
    ['prod=a/b:9090/p', 'write <namespace>/<service>:<port>'],
    ['prod=x:a/b:9090', 'write <namespace>/<service>:<port>'],
    ['prod=https://prom.example.com;namespace-label:a-b', 'which is none'],
    ['prod=https://prom.example.com;pod-label:1a', 'which is none'],
    ['prod=https://prom.example.com;token-file:', 'which is none'],
    ['prod=https://prom.example.com;label:a', 'which is none'],
    ['prod=https://prom.example.com;x-label:a=b', 'which is none'],
    ['prod=https://prom.example.com;1label:a=b', 'which is none'],
    ['prod=monitoring/prom', 'write <namespace>/<service>:<port>'],
    ['prod=monitoring/prom:9090;token-file:/x', 'would not pass on'],
    ['prod=monitoring/prom:9090;ca-file:/x', 'asked by its API server'],
    ['prod=https://prom.example.com;ca-file:', 'which is none'],
    ['prod=monitoring/prom:9090;label:a-b=c', 'which is none'],
    ['prod=monitoring/prom:9090;what', 'which is none'],
    ['"prod=x', 'a quote that does not end'],
  ])('%s is a mistake', (text, words) => {
    const { configs, mistakes } = parse(text)
    expect([...configs]).toEqual([])
    expect(mistakes).toEqual([expect.stringContaining(words)])
    expect(mistakes.join()).not.toContain('s3cret')
  })

  test('a Service may be asked by name of its scheme', () => {
    const { configs } = parse('a=http:monitoring/prom:80')
    expect(configs.get('a')?.at).toEqual({
      type: 'service',
      namespace: 'monitoring',
      service: 'prom',
      port: '80',
      scheme: 'http',
    })
  })

  test('of this machine may be asked by plain http, and labels may hold what they like', () => {
    const { configs, mistakes } = parse(
      ' dev = http://localhost:9090/p// ; namespace-label:ns_1 ;label: a=b=c;label:d=',
    )
    expect(mistakes).toEqual([
      expect.stringContaining('the option "label:…", which is none; use label:<name>=<value>'),
    ])
    expect(configs.size).toBe(0)
    expect([
      ...parse('dev=http://localhost:9090/p//;namespace-label:ns_1;label:a=b=c;label:d=').configs,
    ]).toEqual([
      [
        'dev',
        {
          at: { type: 'url', url: 'http://localhost:9090/p', tokenFile: null, caFile: null },
          namespaceLabel: 'ns_1',
          podLabel: 'pod',
          labels: new Map([
            ['a', 'b=c'],
            ['d', ''],
          ]),
        },
      ],
    ])
  })

  test('no part of a password with a comma is repeated', () => {
    const { configs, mistakes } = parse('prod=https://u:s3cret,s3cret@prom.example.com')
    expect([...configs]).toEqual([])
    expect(mistakes).toHaveLength(2)
    expect(mistakes.join()).not.toContain('s3cret')
  })
})
