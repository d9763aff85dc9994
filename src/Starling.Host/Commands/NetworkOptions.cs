using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;

namespace Starling.Host.Commands;

/// <summary>Options that are addresses.</summary>
internal static class NetworkOptions
{
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="example">How one looks.</param>
    /// <param name="hasDefault">Whether the example is what holds when nothing is said.</param>
    public static Option<IPEndPoint?> EndPoint(string name, string description, string example, bool hasDefault = false)
    {
        var option = new Option<IPEndPoint?>(name)
        {
            Description = description,
            HelpName = "address:port",
            CustomParser = result => IPEndPoint.TryParse(result.Tokens[0].Value, out var address) ? address : Refuse<IPEndPoint>(result, $"an address and a port, such as {example}"),
        };
        if (hasDefault)
        {
            option.DefaultValueFactory = _ => IPEndPoint.Parse(example);
        }

        return option;
    }

    public static Option<IPAddress?> Address(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "address",
        CustomParser = result => IPAddress.TryParse(result.Tokens[0].Value, out var address) ? address : Refuse<IPAddress>(result, "an address, such as 192.168.1.7"),
    };

    private static T? Refuse<T>(ArgumentResult result, string wanted)
        where T : class
    {
        result.AddError($"'{result.Tokens[0].Value}' should be {wanted}.");
        return null;
    }
}
