namespace Starling.MessagingBenchmark;

internal sealed class Echo : IEcho
{
    public Task<int> AddAsync(int a, int b) => Task.FromResult(a + b);

    public Task<string> EchoAsync(string text) => Task.FromResult(text);
}
