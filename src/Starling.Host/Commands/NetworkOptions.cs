using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using Starling.Messaging.Multicast;

namespace Starling.Host.Commands;

/// <summary>Options that are addresses.</summary>
internal static class NetworkOptions
{
    /// <summary>An address with its port, which is always written: one that was forgotten would be chosen by the system.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="example">How one looks.</param>
    /// <param name="hasDefault">Whether the example is what holds when nothing is said.</param>
    public static Option<IPEndPoint?> EndPoint(string name, string description, string example, bool hasDefault = false) =>
        Create(name, description, example, hasDefault, "an address and a port", static _ => true);

    /// <summary>A multicast group with its port.</summary>
    /// <inheritdoc cref="EndPoint"/>
    public static Option<IPEndPoint?> Group(string name, string description, string example, bool hasDefault = false) => Create(
        name, description, example, hasDefault, "a multicast group of IPv4 (224.0.0.0 to 239.255.255.255) and a port",
        static group => MulticastFeedOptions.IsGroup(group.Address) && group.Port > 0);

    public static Option<IPAddress?> Address(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "address",
        CustomParser = result => IPAddress.TryParse(result.Tokens[0].Value, out var address) && address.AddressFamily == AddressFamily.InterNetwork
            ? address : Refuse<IPAddress>(result, "an address of IPv4, such as 192.168.1.7"),
    };

    private static Option<IPEndPoint?> Create(string name, string description, string example, bool hasDefault, string form, Func<IPEndPoint, bool> isRight)
    {
        var option = new Option<IPEndPoint?>(name)
        {
            Description = description,
            HelpName = "address:port",
            CustomParser = result => IPEndPoint.TryParse(result.Tokens[0].Value, out var address) && HasPort(result.Tokens[0].Value) && isRight(address)
                ? address : Refuse<IPEndPoint>(result, $"{form}, such as {example}"),
        };
        if (hasDefault)
        {
            option.DefaultValueFactory = _ => IPEndPoint.Parse(example);
        }

        return option;
    }

    // Colons of an address of IPv6 stand in brackets when a port follows.
    private static bool HasPort(string text) => text.StartsWith('[') ? text.Contains("]:", StringComparison.Ordinal) : text.AsSpan().Count(':') == 1;

    private static T? Refuse<T>(ArgumentResult result, string wanted)
        where T : class
    {
        result.AddError($"'{result.Tokens[0].Value}' should be {wanted}.");
        return null;
    }
}
