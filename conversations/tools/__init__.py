"""What a model may call here, and how a call is carried out.

tool = registry.tools()["calculate"]
outcome = carrying_out.carry_out(tool, '{"expression": "6 * 7"}', Context(asker, conversation))
"""
